use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

static LIMITER: u8 = 0;

#[rate_limited(limiter = LIMITER)]
async fn login(user: &str) -> Result<(), RateLimited> {
    let _ = user;
    Ok(())
}

fn main() {}
