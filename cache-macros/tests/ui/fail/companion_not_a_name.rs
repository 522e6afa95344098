use tower_redis::cached;

#[cached(companion = "none")]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
