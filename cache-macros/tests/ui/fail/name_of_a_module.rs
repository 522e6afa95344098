use tower_redis::cached;

mod quote {}

#[cached]
async fn quote(id: u64) -> u64 {
    id
}

fn main() {}
