use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

const NO_TIME: std::time::Duration = std::time::Duration::ZERO;

#[rate_limited(limit = 100, per = NO_TIME)]
async fn login(user: &str) -> Result<(), RateLimited> {
    let _ = user;
    Ok(())
}

fn main() {}
