use tower_redis::{cached, invalidates};

#[cached]
async fn rate(of: &str) -> u64 {
    of.len() as u64
}

struct Shop;

impl Shop {
    #[cached(skip(self))]
    pub async fn price(&self, item: &str) -> u64 {
        item.len() as u64
    }

    #[invalidates(self.price_invalidate(item), self.price_clear())]
    pub async fn set_price(&self, item: &str) {}
}

#[invalidates(rate::invalidate(of), rate::expire(of), rate::clear())]
async fn set_rate(of: &str) {}

fn main() {}
