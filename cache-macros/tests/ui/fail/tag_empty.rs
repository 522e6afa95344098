use tower_redis::cached;

#[cached(tags(""))]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
