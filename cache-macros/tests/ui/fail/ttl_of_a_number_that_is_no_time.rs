use tower_redis::cached;

const MINUTE: u32 = 60;

#[cached(ttl = MINUTE)]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
