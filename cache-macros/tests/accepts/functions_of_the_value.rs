//! Functions of the value are given what is there, beside `negative_ttl` as without it.

use std::time::Duration;

use tower_redis::cached;

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct User {
    org: String,
    lives: Duration,
}

impl User {
    fn is_known(&self) -> bool {
        !self.org.is_empty()
    }
}

#[cached(
    ttl = |user| user.lives,
    tags = |user| vec![user.org.clone()],
    cache_if = User::is_known,
    capacity_bytes(1 << 20, |user| user.org.len()),
    negative_ttl = "10s"
)]
async fn user(id: u64) -> Option<User> {
    let _ = id;
    None
}

#[cached(
    ttl = |user| user.lives.as_secs() / 2,
    tags = |user| vec![user.org.clone()],
    cache_if = |User { org, .. }| !org.is_empty(),
    capacity_bytes(1 << 20, |user| user.org.len()),
    negative_ttl = "10s"
)]
fn found(id: u64) -> Result<Option<User>, std::io::Error> {
    let _ = id;
    Ok(None)
}

#[cached(ttl = |user| user.lives.as_secs(), tags = |user| vec![user.org.clone()])]
async fn there(id: u64) -> Result<User, std::io::Error> {
    let _ = id;
    Err(std::io::ErrorKind::NotFound.into())
}

#[test]
fn is_accepted() {
    drop((user(1), there(1)));
    let _ = found(1);
}
