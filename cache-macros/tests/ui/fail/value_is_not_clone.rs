use tower_redis::cached;

struct User;

#[cached]
async fn load(id: u64) -> Result<User, String> {
    let _ = id;
    Ok(User)
}

fn main() {}
