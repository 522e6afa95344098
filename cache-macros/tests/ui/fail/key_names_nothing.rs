use tower_redis::cached;

#[cached(key = "user")]
async fn load(id: u64, locale: &str) -> u64 {
    let _ = locale;
    id
}

fn main() {}
