//! An error that can be given again, or an answer instead of it.

use std::io;

use tower_redis::cached;

#[derive(Debug)]
struct Failed;

#[cached(throttle = "1s", stale_if_error = "1h")]
async fn stale(id: u64) -> Result<u64, Failed> {
    if id == 0 { Err(Failed) } else { Ok(id) }
}

#[cached(throttle = "1s")]
async fn cloned(id: u64) -> Result<u64, String> {
    Ok(id)
}

#[cached(throttle = "1s")]
fn kind(id: u64) -> io::Result<u64> {
    Ok(id)
}

#[cached(throttle = "1s", negative_ttl = "1s")]
fn boxed(id: u64) -> Result<Option<u64>, Box<dyn std::error::Error + Send + Sync>> {
    Ok(Some(id))
}

#[test]
fn is_accepted() {
    drop((stale(1), cloned(1)));
    let _ = (kind(1), boxed(1));
}
