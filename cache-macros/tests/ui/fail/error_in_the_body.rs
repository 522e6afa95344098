use tower_redis::cached;

#[cached]
async fn load(id: u64) -> Result<u64, String> {
    let id: String = id;
    Ok(id)
}

fn main() {}
