use tower_redis::cached;

#[cached(toolkit = toolkit, companion = none)]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
