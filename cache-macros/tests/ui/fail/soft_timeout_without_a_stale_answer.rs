use tower_redis::cached;

#[cached(soft_timeout = "100ms")]
async fn user(id: u64) -> u64 {
    id
}

fn main() {}
