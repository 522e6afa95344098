use tower_redis::cached;

struct Shop;

impl Shop {
    #[cached(ttl = 60)]
    pub fn price(id: u64) -> u64 {
        id
    }
}

fn main() {
    Shop::price(1);
}
