use tower_redis::cached;

#[cached(ttl = 5m, throttle = 1s, stale_if_error = 1h, soft_timeout = 500us)]
async fn rate() -> Result<u64, std::io::Error> {
    Ok(7)
}

fn main() {}
