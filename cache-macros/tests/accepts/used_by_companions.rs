//! Who runs the body by a companion uses the function, and no companion has to be used.
#![deny(warnings)]

use tower_redis::cached;

#[cached]
async fn looked_up(id: u64) -> u64 {
    id
}

#[cached]
fn refreshed(id: u64) -> u64 {
    id
}

#[cached(key = "{id}")]
fn generic<T: Into<u64>>(id: u64, more: T) -> u64 {
    id + more.into()
}

#[deprecated]
#[cached]
fn deprecated(id: u64) -> u64 {
    id
}

#[cached]
async fn called(id: u64) -> u64 {
    id
}

#[expect(dead_code, unused_variables, reason = "for later")]
#[cached]
fn for_later(id: u64) -> u64 {
    let more = 1;
    id
}

struct Shop;

impl Shop {
    #[cached(skip(self))]
    pub fn price(&self, id: u64) -> u64 {
        id
    }
}

#[test]
fn is_accepted() {
    drop(looked_up::lookup(1));
    refreshed::refresh(1);
    let _ = generic::lookup(1, 2_u8);
    let _ = deprecated::lookup(1);
    drop(called(1));
    let _ = Shop.price_lookup(1);
}
