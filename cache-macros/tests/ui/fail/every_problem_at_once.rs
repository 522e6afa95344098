use tower_redis::cached;

#[cached(ttl = 0, capacity = 0, tll = 1, skip(db))]
async fn load(id: u64) {
    let _ = id;
}

fn main() {}
