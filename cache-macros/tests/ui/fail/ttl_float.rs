use tower_redis::cached;

#[cached(ttl = 1.5)]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
