//! What nobody uses is told as of any function, and so is what only its body uses.
#![deny(dead_code)]

use tower_redis::cached;

fn helper() -> u64 {
    1
}

#[cached]
fn unused(id: u64) -> u64 {
    id + helper()
}

#[cached(companion = none)]
async fn unused_without_companions(id: u64) -> u64 {
    id
}

struct Shop;

impl Shop {
    #[cached(skip(self))]
    fn unused_method(&self, id: u64) -> u64 {
        id
    }

    fn unused_as_well(&self) {}

    #[cached(skip(self))]
    pub fn with_companions(&self, id: u64) -> u64 {
        id
    }
}

fn main() {
    let _ = Shop;
}
