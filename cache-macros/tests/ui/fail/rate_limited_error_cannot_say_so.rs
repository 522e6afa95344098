use tower_redis::rate_limited;

#[rate_limited(limit = 3, per = "1m")]
async fn count() -> Result<u64, std::fmt::Error> {
    Ok(1)
}

fn main() {}
