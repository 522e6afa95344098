use tower_redis::cached;

struct Db;

#[cached(skip(db), stale_while_revalidate = "1h")]
async fn rate(db: &Db) -> Result<u64, String> {
    let _ = db;
    Ok(7)
}

fn main() {}
