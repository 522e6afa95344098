use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

#[rate_limited(limit = 3, per = "1m", key = "login")]
async fn login(user: &str) -> Result<(), RateLimited> {
    let _ = user;
    Ok(())
}

fn main() {}
