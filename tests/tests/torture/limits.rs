//! An attacker with ever new keys: memory stays bounded, and a key that was throttled stays so.
//!
//! A million keys in a test run; `./tests/torture` has fifty million.

use std::time::Duration;

use tests::number;
use tower_redis::Toolkit;
use tower_redis::limit::{Algorithm, Policy, Quota};
use tower_redis::testing::ManualClock;

const BOUND: usize = 10_000;

#[tokio::test]
async fn new_keys_neither_fill_memory_nor_free_a_throttled_one() {
    let keys = number("TORTURE_KEYS").unwrap_or(1_000_000);
    let clock = ManualClock::new();
    let toolkit = Toolkit::builder().clock(clock.clock()).build().unwrap();
    let algorithms = [
        Algorithm::Gcra,
        Algorithm::TokenBucket,
        Algorithm::FixedWindow,
        Algorithm::SlidingCounter,
        Algorithm::StrictWindow,
        Algorithm::Concurrency,
    ];
    let limiters = algorithms.map(|algorithm| {
        let policy = Policy::new(format!("{algorithm:?}"), Quota::per_hour(1));
        let policy = policy.algorithm(algorithm).max_keys(BOUND);
        toolkit.limiter(&policy).unwrap()
    });
    let check = async |limiter: usize, key: u64| limiters[limiter].check(&key).await;
    for limiter in 0..limiters.len() {
        assert!(check(limiter, u64::MAX).await.is_allowed());
    }
    // all within the period of the throttled key, an equal part of them for each algorithm
    let step = Duration::from_secs(3_599) / u32::try_from(keys).unwrap();
    for key in 0..keys {
        clock.advance(step);
        let limiter = usize::try_from(key).unwrap() % limiters.len();
        check(limiter, key).await;
        if key % 9_973 == 0 {
            assert!(
                !check(limiter, u64::MAX).await.is_allowed(),
                "freed after {key}"
            );
            assert!(limiters[limiter].stats().keys <= BOUND);
        }
    }
    for (at, limiter) in limiters.iter().enumerate() {
        assert!(!check(at, u64::MAX).await.is_allowed());
        let stats = limiter.stats();
        assert!(stats.keys <= BOUND && stats.overflowed > 0, "{stats:?}");
    }
}
