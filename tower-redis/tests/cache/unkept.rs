//! A success that is not kept takes the place of what was there all the same.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tower_redis::cache::{Cache, CacheBuilder, Fresh, Lookup, Status};
use tower_redis::testing::ManualClock;

use crate::{Calls, HOUR, brings, settle, toolkit};

const SECOND: Duration = Duration::from_secs(1);

type Answer = Lookup<Result<u64, Arc<&'static str>>>;

/// Only what is larger than 3 is kept.
fn built(
    set: impl FnOnce(CacheBuilder<u64, u64>) -> CacheBuilder<u64, u64>,
) -> (Cache<u64, u64>, ManualClock) {
    let (toolkit, clock) = toolkit();
    let builder = toolkit.cache("n").ttl(10 * SECOND).cache_if(|n| *n > 3);
    (set(builder).build().unwrap(), clock)
}

async fn inline(cache: &Cache<u64, u64>, loaded: Result<u64, &'static str>) -> Answer {
    cache.entry(&1).get_or_load(|| async { loaded }).await
}

#[tokio::test]
async fn what_was_there_before_it_does_not_answer_a_failure_that_follows() {
    let (cache, clock) = built(|cache| cache.stale_if_error(HOUR));
    for detached in [false, true] {
        inline(&cache, Ok(5)).await.value.unwrap();
        clock.advance(11 * SECOND);
        let loaded = if detached {
            cache.get_or_load_detached(&1, || brings(1)).await
        } else {
            cache.get_or_load(&1, || brings(1)).await
        };
        assert_eq!(loaded, Ok(1));
        let found = inline(&cache, Err("down")).await;
        assert_eq!(
            (found.value, found.status),
            (Err(Arc::new("down")), Status::Loaded)
        );
    }
    assert_eq!(cache.stats().entries, 0);
}

#[tokio::test]
async fn it_is_no_business_of_what_others_look_up() {
    let (cache, clock) = built(|cache| cache.stale_if_error(HOUR));
    inline(&cache, Ok(5)).await.value.unwrap();
    clock.advance(11 * SECOND);
    // this call has no use of what is stale, and others would have
    let entry = cache.entry(&1).stale_if_error(Duration::ZERO);
    assert_eq!(entry.get_or_load(|| brings(1)).await.value, Ok(1));
    assert!(inline(&cache, Err("down")).await.value.is_err());
    inline(&cache, Ok(5)).await.value.unwrap();
    assert_eq!(cache.get_or_load(&2, || brings(1)).await, Ok(1));
    assert_eq!(cache.get(&1).await, Some(5), "another key");
}

#[tokio::test]
async fn one_early_refresh_is_enough() {
    let (cache, clock) = built(|cache| cache.refresh_after(0.5));
    inline(&cache, Ok(5)).await.value.unwrap();
    clock.advance(6 * SECOND);
    let calls = Calls::default();
    for round in 0..10 {
        let counted = calls.clone();
        let load = || async move {
            counted.count();
            Ok::<_, Infallible>(1)
        };
        let found = cache.get_or_load_detached(&1, load).await;
        assert_eq!(found, Ok(if round == 0 { 5 } else { 1 }));
        settle().await;
    }
    assert_eq!(cache.get(&1).await, None);
    assert_eq!(
        calls.seen(),
        10,
        "each loads for itself, since nothing is kept"
    );
    assert_eq!(cache.stats().refreshes, 1);
}

#[tokio::test]
async fn a_life_of_no_time_is_the_same() {
    let (toolkit, clock) = toolkit();
    let cache: Cache<u64, u64> = toolkit
        .cache("n")
        .ttl(10 * SECOND)
        .stale_if_error(HOUR)
        .build()
        .unwrap();
    let old = async || {
        inline(&cache, Ok(5)).await.value.unwrap();
        clock.advance(11 * SECOND);
    };
    let is_gone = async || inline(&cache, Err("down")).await.value.is_err();
    old().await;
    let none = Duration::ZERO;
    let loaded = cache.entry(&1).ttl(none).get_or_load(|| brings(1)).await;
    assert!(loaded.value == Ok(1) && is_gone().await);
    old().await;
    let load = |_| async move { Ok::<_, Infallible>(Fresh::new(1).ttl(none)) };
    let loaded = cache.entry(&1).load_with(load).await;
    assert!(loaded.value == Ok(1) && is_gone().await);
    old().await;
    let load = |_| async { Ok::<_, Infallible>([(1, 1)]) };
    let loaded = cache.entries(&[1]).ttl(none).get_or_load(load).await;
    assert!(loaded == Ok(vec![Some(1)]) && is_gone().await);
}

#[tokio::test]
async fn what_is_put_and_not_kept_leaves_nothing_older_either() {
    let (cache, _) = built(|cache| cache);
    cache.put(&1, 5, HOUR).await;
    assert_eq!(cache.get(&1).await, Some(5));
    cache.put(&1, 2, HOUR).await;
    assert_eq!(cache.get(&1).await, None);
    assert_eq!(cache.refresh(&1, || brings(5)).await, Ok(5));
    assert_eq!(cache.refresh(&1, || brings(1)).await, Ok(1));
    assert_eq!(cache.get(&1).await, None);
}
