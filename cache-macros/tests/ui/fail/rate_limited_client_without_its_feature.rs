use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

struct PeerAddr(u8);

#[rate_limited(limit = 3, per = "1m")]
async fn count(PeerAddr(peer): PeerAddr) -> Result<u8, RateLimited> {
    Ok(peer)
}

fn main() {}
