use tower_redis::cached;

#[cached(tags("users", "org:{org}"))]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
