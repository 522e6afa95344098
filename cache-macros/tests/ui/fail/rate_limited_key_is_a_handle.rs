use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

struct PgPool;

#[rate_limited(limit = 3, per = "1m", key = "{pool}")]
async fn buy(pool: &PgPool) -> Result<(), RateLimited> {
    let _ = pool;
    Ok(())
}

fn main() {}
