use tower_redis::{cached, invalidates};

#[cached]
fn load(id: u64) -> u64 {
    id
}

struct Shop;

impl Shop {
    fn price(&self, id: u64) -> u64 {
        id
    }

    #[invalidates(self.price(1), Self::price(self, 2), clear(Self::price))]
    fn write(&self) {
        self.price(1);
    }
}

fn main() {
    load(1);
}
