//! What fails behind somebody's back is left alone for a while.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tower_redis::cache::{Cache, CacheBuilder, Lookup, Status};
use tower_redis::testing::ManualClock;

use crate::{Calls, settle, toolkit};

const SECOND: Duration = Duration::from_secs(1);
const TTL: Duration = Duration::from_secs(10);

type Answer = Lookup<Result<u64, Arc<&'static str>>>;

/// Something that has just become stale.
async fn stale(
    set: impl FnOnce(CacheBuilder<u64, u64>) -> CacheBuilder<u64, u64>,
) -> (Cache<u64, u64>, ManualClock) {
    let (toolkit, clock) = toolkit();
    let cache = set(toolkit.cache("n").ttl(TTL)).build().unwrap();
    cache.put(&1, 7, TTL).await;
    clock.advance(TTL);
    (cache, clock)
}

/// A lookup whose load fails, or panics.
async fn detached(cache: &Cache<u64, u64>, calls: &Calls, panics: bool) -> Answer {
    let calls = calls.clone();
    let load = move || async move {
        calls.count();
        assert!(!panics, "boom");
        Err("down")
    };
    let found = cache.entry(&1).get_or_load_detached(load).await;
    settle().await;
    found
}

#[tokio::test]
async fn a_load_that_fails_behind_what_is_stale_is_tried_once_in_a_second() {
    for panics in [false, true] {
        let (cache, clock) = stale(|cache| cache.stale_while_revalidate(60 * SECOND)).await;
        let calls = Calls::default();
        for second in 1..=3 {
            for _ in 0..20 {
                let found = detached(&cache, &calls, panics).await;
                assert_eq!((found.value, found.status), (Ok(7), Status::Stale));
            }
            assert_eq!(calls.seen(), second);
            clock.advance(SECOND);
        }
        let stats = cache.stats();
        assert_eq!((stats.loads, stats.failed_loads), (3, 3));
    }
}

#[tokio::test]
async fn a_load_that_fails_before_its_time_is_tried_once_in_a_second() {
    for panics in [false, true] {
        let (toolkit, clock) = toolkit();
        let cache = toolkit.cache("n").ttl(TTL).refresh_after(0.5);
        let cache = cache.build().unwrap();
        cache.put(&1, 7, TTL).await;
        clock.advance(TTL / 2);
        let calls = Calls::default();
        for second in 1..=3 {
            for _ in 0..20 {
                let found = detached(&cache, &calls, panics).await;
                assert_eq!((found.value, found.status), (Ok(7), Status::Near));
            }
            assert_eq!(calls.seen(), second);
            clock.advance(SECOND);
        }
    }
}

#[tokio::test]
async fn who_loads_what_is_stale_gets_the_error_and_the_others_do_not_try_again() {
    let (cache, clock) = stale(|cache| cache.stale_while_revalidate(60 * SECOND)).await;
    let calls = Calls::default();
    let load = || async {
        calls.count();
        Err("down")
    };
    let found = cache.entry(&1).get_or_load(load).await;
    assert_eq!(found.value, Err(Arc::new("down")));
    for _ in 0..20 {
        let found = cache.entry(&1).get_or_load(load).await;
        assert_eq!((found.value, found.status), (Ok(7), Status::Stale));
    }
    assert_eq!(calls.seen(), 1);
    clock.advance(SECOND);
    assert!(cache.get_or_load(&1, load).await.is_err());
}

#[tokio::test]
async fn what_is_stale_answers_after_a_panic_as_after_an_error() {
    let (cache, _) = stale(|cache| cache.stale_if_error(60 * SECOND)).await;
    let calls = Calls::default();
    let counted = calls.clone();
    let panics = cache.get_or_load(&1, || async move {
        assert!(counted.count() > 1, "boom");
        Err("down")
    });
    let panics = AssertUnwindSafe(panics).catch_unwind();
    assert!(panics.await.is_err());
    let found = detached(&cache, &calls, false).await;
    assert_eq!((found.value, found.status), (Ok(7), Status::Stale));
    assert_eq!(calls.seen(), 1);
}
