use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

#[rate_limited(limit = 5, per = 1m)]
async fn rate() -> Result<u64, RateLimited> {
    Ok(7)
}

fn main() {}
