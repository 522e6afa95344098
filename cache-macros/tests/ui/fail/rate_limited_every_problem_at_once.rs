use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

#[rate_limited(limit = 0, per = "0s", bursts = 3, key = "{usr}")]
async fn login(user: &str) -> Result<(), RateLimited> {
    let _ = user;
    Ok(())
}

fn main() {}
