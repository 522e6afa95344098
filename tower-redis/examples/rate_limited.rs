//! A function that may not be called too often: `cargo run -p tower-redis --example rate_limited`.
#![expect(clippy::print_stdout, reason = "an example prints")]

use tower_redis::Toolkit;
use tower_redis::limit::RateLimited;
use tower_redis::rate_limited;

#[rate_limited(limit = 5, per = "1m", key = "login:{user}")]
async fn login(user: &str) -> Result<String, RateLimited> {
    Ok(format!("welcome, {user}"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    Toolkit::from_env()?.install()?;

    for _ in 0..6 {
        match login("ada").await {
            Ok(welcome) => println!("{welcome}"),
            Err(refused) => println!("{refused}, try again in {:?}", refused.retry_after()),
        }
    }
    Ok(())
}
