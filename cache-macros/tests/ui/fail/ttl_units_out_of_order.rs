use tower_redis::cached;

#[cached(ttl = "1s1m")]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
