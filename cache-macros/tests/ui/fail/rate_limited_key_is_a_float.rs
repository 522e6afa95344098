use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

#[rate_limited(limit = 3, per = "1m", key = "{price}")]
async fn buy(price: f64) -> Result<(), RateLimited> {
    let _ = price;
    Ok(())
}

fn main() {}
