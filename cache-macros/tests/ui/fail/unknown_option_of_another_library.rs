use tower_redis::cached;

#[cached(max_size = 10)]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
