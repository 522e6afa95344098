use tower_redis::cached;

struct PgPool;

#[cached]
async fn load(db: &PgPool, id: u64) -> u64 {
    let _ = db;
    id
}

fn main() {}
