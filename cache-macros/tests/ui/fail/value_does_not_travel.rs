use tower_redis::cached;

#[derive(Clone)]
struct User;

#[cached]
async fn load(id: u64) -> Result<User, String> {
    let _ = id;
    Ok(User)
}

#[cached(near_only = true)]
async fn near(id: u64) -> Result<User, String> {
    let _ = id;
    Ok(User)
}

fn main() {}
