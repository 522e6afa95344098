use tower_redis::cached;

struct Shop {
    id: u64,
}

impl Shop {
    #[cached(key = "price:{item}")]
    async fn price(&self, item: u64) -> u64 {
        self.id + item
    }
}

fn main() {}
