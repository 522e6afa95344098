use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

#[rate_limited(limit = 100, per = "1m", burst = 4, cost = 5)]
async fn login(user: &str) -> Result<(), RateLimited> {
    let _ = user;
    Ok(())
}

fn main() {}
