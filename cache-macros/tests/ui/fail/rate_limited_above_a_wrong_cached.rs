use tower_redis::limit::RateLimited;
use tower_redis::{cached, rate_limited};

#[rate_limited(limit = 3, per = "1m")]
#[cached(tll = 60)]
async fn count(n: u64) -> Result<u64, RateLimited> {
    Ok(n)
}

fn main() {}
