use tower_redis::cached;

#[cached(key = "user:{id}")]
async fn load() -> u64 {
    1
}

fn main() {}
