use tower_redis::cached;

#[cached(name = "")]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
