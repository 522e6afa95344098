use tower_redis::cached;

#[cached]
async fn load(id: impl Into<u64>) -> u64 {
    id.into()
}

fn main() {}
