use tower_redis::cached;

#[cached(timeout = "2s")]
async fn rate() -> Option<u64> {
    Some(7)
}

fn main() {}
