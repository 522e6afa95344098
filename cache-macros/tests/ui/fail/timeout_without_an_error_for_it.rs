use tower_redis::cached;

#[cached(timeout = "2s")]
async fn rate() -> Result<u64, String> {
    Ok(7)
}

fn main() {}
