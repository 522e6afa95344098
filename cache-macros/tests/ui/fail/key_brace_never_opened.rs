use tower_redis::cached;

#[cached(key = "user:id}")]
async fn load(id: u64, lang: &str) -> u64 {
    id + lang.len() as u64
}

fn main() {}
