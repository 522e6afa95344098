use tower_redis::cached;

#[cached(jitter = 1.5)]
async fn rate() -> u64 {
    7
}

fn main() {}
