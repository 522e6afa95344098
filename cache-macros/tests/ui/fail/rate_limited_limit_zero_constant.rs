use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

const NONE: u32 = 0;

#[rate_limited(limit = NONE, per = "1m")]
async fn login(user: &str) -> Result<(), RateLimited> {
    let _ = user;
    Ok(())
}

fn main() {}
