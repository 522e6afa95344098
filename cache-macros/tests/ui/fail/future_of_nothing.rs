use tower_redis::cached;

use std::future::Future;

#[cached]
fn load(id: u64) -> impl Future<Output = ()> {
    let _ = id;
    async {}
}

fn main() {}
