use tower_redis::cached;

struct Shop {
    id: u64,
}

impl Shop {
    #[cached(key = "price:{self.id}", skip(self))]
    async fn price(&self) -> u64 {
        self.id
    }
}

fn main() {}
