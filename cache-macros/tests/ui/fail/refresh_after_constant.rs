use tower_redis::cached;

const PART: f64 = 2.0;

#[cached(refresh_after = PART)]
async fn rate() -> u64 {
    7
}

fn main() {}
