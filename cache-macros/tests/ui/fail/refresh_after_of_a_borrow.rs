use tower_redis::cached;

struct Db;

#[cached(skip(db), refresh_after = 0.75)]
async fn rate(db: &Db) -> Result<u64, String> {
    let _ = db;
    Ok(7)
}

#[cached(refresh_by_chance = 1.0)]
async fn named(names: &[&str]) -> u64 {
    names.len() as u64
}

fn main() {}
