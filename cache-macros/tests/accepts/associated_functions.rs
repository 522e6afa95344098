//! Functions of an `impl` that say neither `self` nor `Self`.

use tower_redis::cached;

struct Shop;

impl Shop {
    #[cached(companion = none)]
    async fn price(id: u64) -> u64 {
        id
    }
}

impl Shop {
    #[cached(companion = Self::stock)]
    pub fn amount(id: u64) -> u64 {
        id
    }
}

trait Prices {
    fn price(id: u64) -> u64;
}

impl Prices for Shop {
    #[cached(companion = none)]
    fn price(id: u64) -> u64 {
        id
    }
}

#[test]
fn is_accepted() {
    drop(Shop::price(1));
    let _ = <Shop as Prices>::price(1);
    let _ = Shop::amount(1);
    let _ = Shop::stock_peek(1);
}
