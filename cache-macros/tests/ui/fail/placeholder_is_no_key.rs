use tower_redis::cached;

struct Db;

#[cached(key = "user:{db}:{id}")]
async fn load(db: &Db, id: u64) -> u64 {
    let _ = db;
    id
}

fn main() {}
