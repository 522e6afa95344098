use tower_redis::cached;

#[cached(key = "all")]
async fn load<T: Default>() -> Vec<T> {
    Vec::new()
}

fn main() {}
