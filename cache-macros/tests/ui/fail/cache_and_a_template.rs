use tower_redis::cached;

struct Shop;

impl Shop {
    #[cached(cache = self.cache, key = "price:{item}")]
    async fn price(&self, item: u64) -> u64 {
        item
    }
}

fn main() {}
