use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

#[rate_limited(limit = 3, per = "1m")]
const fn count() -> Result<u64, RateLimited> {
    Ok(1)
}

fn main() {}
