use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

#[rate_limited(per = "1m")]
async fn login(user: &str) -> Result<(), RateLimited> {
    let _ = user;
    Ok(())
}

fn main() {}
