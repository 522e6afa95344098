use tower_redis::cached;

struct Db;

#[cached(skip(db), stale_if_error = "1h", soft_timeout = "100ms")]
async fn rate(db: &Db) -> Result<u64, String> {
    let _ = db;
    Ok(7)
}

fn main() {}
