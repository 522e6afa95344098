use tower_redis::cached;

#[cached(codec = "bincode")]
async fn rate() -> u64 {
    7
}

fn main() {}
