use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

#[rate_limited(limit = 100, per = "0s")]
async fn login(user: &str) -> Result<(), RateLimited> {
    let _ = user;
    Ok(())
}

fn main() {}
