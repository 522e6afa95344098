use tower_redis::cached;

#[cached(toolkit = 7_u8, companion = none)]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
