use tower_redis::cached;

#[cached(name = users)]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
