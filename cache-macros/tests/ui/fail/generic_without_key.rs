use tower_redis::cached;

#[cached]
async fn load<T: Into<u64>>(id: T) -> u64 {
    id.into()
}

fn main() {}
