use tower_redis::cached;

struct Shop;

impl Shop {
    #[cached]
    async fn price(id: u64) -> u64 {
        id
    }
}

fn main() {}
