use tower_redis::cached;

use std::sync::Arc;

#[derive(Clone)]
struct Shop;

#[cached]
async fn shop(id: u64) -> Arc<Shop> {
    let _ = id;
    Arc::new(Shop)
}

fn main() {}
