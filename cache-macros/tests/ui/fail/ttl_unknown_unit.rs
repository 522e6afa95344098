use tower_redis::cached;

#[cached(ttl = "5min")]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
