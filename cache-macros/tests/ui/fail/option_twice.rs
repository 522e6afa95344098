use tower_redis::cached;

#[cached(ttl = 60, capacity = 10, ttl = 70)]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
