//! Nothing of the prelude is needed, and nothing of the user's is taken for it.
#![no_implicit_prelude]
#![allow(dead_code, non_camel_case_types)]

mod std {}
mod core {}
mod tower_redis {}

struct i128;
struct IoResult;
struct Plan;

#[::tower_redis::cached(ttl = "1m", capacity = 3, key = "{id}:{name}", tags("a:{id}"))]
async fn load(id: u64, name: &str, of: &[u8]) -> ::std::io::Result<u64> {
    ::std::result::Result::Ok(id + name.len() as u64 + of.len() as u64)
}

#[::tower_redis::cached]
async fn owned(name: &str, list: &[u8], of: ::std::option::Option<&str>) -> usize {
    name.len() + list.len() + of.map_or(0, str::len)
}

struct Shop;

impl Shop {
    #[::tower_redis::cached(skip(self), near_only)]
    fn price(&self) -> u64 {
        1
    }

    #[::tower_redis::cached(skip(self), companion = stock)]
    fn amount(&self) -> impl ::std::future::Future<Output = u64> {
        async move { 1 }
    }
}

#[::tower_redis::cached(companion = none)]
fn blocking(id: u64) -> u64 {
    id
}

#[::core::prelude::v1::test]
fn is_accepted() {
    ::std::mem::drop(load(1, "x", &[]));
    ::std::mem::drop(owned("x", &[], ::std::option::Option::None));
    blocking(1);
    Shop.price();
    ::std::mem::drop(Shop.stock_peek());
    ::std::mem::drop(Shop.amount());
}
