use tower_redis::cached;

struct Shop {
    id: u64,
}

impl Shop {
    #[cached(skip(self))]
    async fn price(self: &mut Self) -> u64 {
        self.id
    }
}

fn main() {}
