use tower_redis::cached;

#[cached(crate = std::collections)]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
