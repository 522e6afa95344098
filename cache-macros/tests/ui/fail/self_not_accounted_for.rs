use tower_redis::cached;

struct Shop {
    id: u64,
}

impl Shop {
    #[cached(ttl = 60)]
    async fn price(&self, item: u64) -> u64 {
        self.id + item
    }
}

fn main() {}
