use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

struct Shop;

#[rate_limited(limit = 3, per = "1m", key = "{shop}")]
async fn buy(shop: &Shop) -> Result<(), RateLimited> {
    let _ = shop;
    Ok(())
}

fn main() {}
