use tower_redis::cached;

#[cached]
async fn load(id: Option<impl Into<u64>>) -> u64 {
    id.map_or(0, Into::into)
}

fn main() {}
