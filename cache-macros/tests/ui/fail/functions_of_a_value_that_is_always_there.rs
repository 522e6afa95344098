use tower_redis::cached;

#[cached(cache_if = |_| true, negative_ttl = "2s")]
async fn rate() -> u64 {
    7
}

#[cached(cache_if = |user: &Option<u64>| user.is_some(), negative_ttl = "2s")]
async fn user() -> Option<u64> {
    None
}

fn main() {}
