use tower_redis::cached;

use std::future::{Ready, ready};
use std::pin::Pin;

#[cached]
fn load(id: u64) -> Pin<Box<Ready<u64>>> {
    Box::pin(ready(id))
}

fn main() {}
