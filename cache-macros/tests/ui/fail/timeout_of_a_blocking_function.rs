use tower_redis::cached;

#[cached(timeout = "2s")]
fn rate() -> Result<u64, String> {
    Ok(7)
}

fn main() {}
