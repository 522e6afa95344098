use tower_redis::cached;

struct Shop;

trait Prices {
    fn price(id: u64) -> u64;

    #[cached(ttl = 60)]
    fn amount(id: u64) -> u64 {
        id + 1
    }
}

impl Prices for Shop {
    #[cached(ttl = 60)]
    fn price(id: u64) -> u64 {
        id
    }
}

fn main() {
    Shop::price(1);
    Shop::amount(1);
}
