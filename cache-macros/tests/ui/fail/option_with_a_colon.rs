use tower_redis::cached;

#[cached(ttl: 60)]
async fn rate() -> u64 {
    7
}

fn main() {}
