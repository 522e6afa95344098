use tower_redis::cached;

#[cached(retries = 3)]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
