use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

#[rate_limited(max = 3, window = "1m")]
async fn login(user: &str) -> Result<(), RateLimited> {
    let _ = user;
    Ok(())
}

fn main() {}
