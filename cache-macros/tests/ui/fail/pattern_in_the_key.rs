use tower_redis::cached;

#[cached]
async fn load((id, _): (u64, u64)) -> u64 {
    id
}

fn main() {}
