use tower_redis::cached;

#[cached(key = "user:{id}", codec = "msgpack")]
async fn user(id: u64) -> u64 {
    id
}

fn main() {}
