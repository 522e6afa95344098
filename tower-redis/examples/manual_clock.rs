//! Testing what depends on time, without waiting for it:
//! `cargo test -p tower-redis --example manual_clock --features testing`.
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::time::Duration;

use tower_redis::limit::{Limiter, Policy, Quota};
use tower_redis::testing::ManualClock;
use tower_redis::{Error, Toolkit, cached};

/// What is tested: at most five logins a minute.
fn login_limit(toolkit: &Toolkit) -> Result<Limiter, Error> {
    toolkit.limiter(&Policy::new("logins", Quota::per_minute(5)))
}

/// What is tested: a rate that is asked for once in an hour.
#[cached(ttl = "1h")]
async fn exchange_rate(currency: String) -> Option<u64> {
    (currency == "EUR").then_some(108)
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let clock = ManualClock::new();
    let toolkit = Toolkit::builder().clock(clock.clock()).build()?;

    let limit = login_limit(&toolkit)?;
    for _ in 0..5 {
        assert!(limit.check("ada").await.is_allowed());
    }
    clock.advance(Duration::from_secs(59));
    let refused = limit.check("ada").await;
    assert_eq!(refused.retry_after(), Some(Duration::from_secs(1)));
    clock.advance(Duration::from_secs(1));
    assert!(limit.check("ada").await.is_allowed());

    // the function uses this toolkit, and no other test's, inside the scope
    let first = toolkit.scope(exchange_rate("EUR".to_owned())).await;
    assert_eq!(first, Some(108));
    let kept = toolkit.scope(exchange_rate::peek("EUR".to_owned())).await;
    assert_eq!(kept, Some(Some(108)));
    clock.advance(Duration::from_secs(3_600));
    let kept = toolkit.scope(exchange_rate::peek("EUR".to_owned())).await;
    assert_eq!(kept, None);
    println!("an hour has passed");
    Ok(())
}
