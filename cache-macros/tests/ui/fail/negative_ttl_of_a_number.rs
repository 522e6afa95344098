use tower_redis::cached;

#[cached(negative_ttl = "2s")]
async fn rate() -> u64 {
    7
}

fn main() {}
