use tower_redis::cached;

#[cached(cache_if = "public")]
async fn rate() -> u64 {
    7
}

fn main() {}
