use tower_redis::cached;

static USERS: u8 = 0;

#[cached(cache = USERS, capacity = 10, near_only)]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
