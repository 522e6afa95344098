use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

#[rate_limited(limit = 100, per = "1m", burst = 4, algorithm = "fixed_window")]
async fn login(user: &str) -> Result<(), RateLimited> {
    let _ = user;
    Ok(())
}

fn main() {}
