use std::time::Duration;

use tower_redis::cached;

#[cached(ttl = |rate| Some(Duration::from_secs(*rate)))]
async fn rate() -> u64 {
    7
}

fn main() {}
