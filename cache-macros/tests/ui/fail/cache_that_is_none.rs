use tower_redis::cached;

#[cached(cache = 7_u8, companion = none)]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
