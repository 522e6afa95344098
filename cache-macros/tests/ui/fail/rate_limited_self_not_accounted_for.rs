use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

struct Shop;

impl Shop {
    #[rate_limited(limit = 3, per = "1m", key = "{item}")]
    pub async fn price(&self, item: &str) -> Result<(), RateLimited> {
        let _ = item;
        Ok(())
    }
}

fn main() {}
