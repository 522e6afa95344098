use tower_redis::cached;

#[cached(skip(db))]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
