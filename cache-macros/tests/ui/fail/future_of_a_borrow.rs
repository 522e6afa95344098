use tower_redis::cached;

use std::future::Future;

#[cached]
fn load<'a>(text: &'a str) -> impl Future<Output = &'a str> {
    async move { text }
}

fn main() {}
