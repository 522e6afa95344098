use tower_redis::cached;

#[cached(crate = "tower_redis")]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
