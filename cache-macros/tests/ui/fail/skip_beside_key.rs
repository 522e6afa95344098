use tower_redis::cached;

#[cached(key = "all", skip(id))]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
