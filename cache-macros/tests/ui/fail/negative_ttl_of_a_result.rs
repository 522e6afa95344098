use tower_redis::cached;

#[cached(negative_ttl = "2s")]
async fn rate() -> Result<u64, std::io::Error> {
    Ok(7)
}

fn main() {}
