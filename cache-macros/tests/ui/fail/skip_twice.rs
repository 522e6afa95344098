use tower_redis::cached;

#[cached(skip(id, id))]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
