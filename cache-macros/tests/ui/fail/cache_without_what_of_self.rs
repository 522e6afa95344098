use tower_redis::cached;

struct Shop;

static PRICES: u8 = 0;

impl Shop {
    #[cached(cache = PRICES, key = (item, 1))]
    async fn price(&self, item: u64) -> u64 {
        item
    }
}

fn main() {}
