use tower_redis::cached;

use std::future::Future;
use std::pin::Pin;

#[cached]
fn load(id: u64) -> Pin<Box<dyn Future<Output = u64>>> {
    Box::pin(async move { id })
}

fn main() {}
