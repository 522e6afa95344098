use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

static TOOLKIT: u8 = 0;

#[rate_limited(limit = 3, per = "1m", toolkit = TOOLKIT)]
async fn login(user: &str) -> Result<(), RateLimited> {
    let _ = user;
    Ok(())
}

fn main() {}
