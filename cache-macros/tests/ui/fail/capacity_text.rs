use tower_redis::cached;

#[cached(capacity = "10")]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
