use tower_redis::cached;

const NONE: usize = 0;

#[cached(capacity = NONE)]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
