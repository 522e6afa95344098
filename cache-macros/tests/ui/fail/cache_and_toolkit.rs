use tower_redis::cached;

struct Shop;

impl Shop {
    #[cached(cache = self.cache, toolkit = self.toolkit)]
    async fn load(&self, id: u64) -> u64 {
        id
    }
}

fn main() {}
