//! How long values live.

use std::convert::Infallible;
use std::time::{Duration, SystemTime};

use tower_redis::cache::{Cache, Status};

use crate::{Calls, HOUR, brings, toolkit};

#[tokio::test]
async fn a_value_lives_for_its_ttl_and_not_a_moment_longer() {
    let (toolkit, clock) = toolkit();
    let cache: Cache<u64, u64> = toolkit
        .cache("n")
        .ttl(Duration::from_secs(60))
        .build()
        .unwrap();
    cache.get_or_load(&1, || brings(7)).await.unwrap();
    clock.advance(Duration::from_millis(59_999));
    assert_eq!(cache.get(&1).await, Some(7));
    clock.advance(Duration::from_millis(1));
    assert_eq!(cache.get(&1).await, None);
    assert_eq!(cache.get_or_load(&1, || brings(8)).await, Ok(8));
}

#[tokio::test]
async fn the_default_is_the_setting_of_an_hour() {
    let (toolkit, clock) = toolkit();
    let cache: Cache<u64, u64> = toolkit.cache("n").build().unwrap();
    cache.get_or_load(&1, || brings(7)).await.unwrap();
    clock.advance(HOUR - Duration::from_millis(1));
    assert_eq!(cache.get(&1).await, Some(7));
    clock.advance(Duration::from_millis(1));
    assert_eq!(cache.get(&1).await, None);
}

#[tokio::test]
async fn a_ttl_may_come_from_the_value() {
    let (toolkit, clock) = toolkit();
    let cache: Cache<u64, u64> = toolkit
        .cache("n")
        .ttl_with(|n| Duration::from_secs(*n))
        .build()
        .unwrap();
    for seconds in [0, 1, 2] {
        cache
            .get_or_load(&seconds, || brings(seconds))
            .await
            .unwrap();
    }
    assert_eq!(
        cache.get(&0).await,
        None,
        "one that lives for no time is not stored"
    );
    assert_eq!(cache.stats().refused_fills, 0);
    clock.advance(Duration::from_secs(1));
    assert_eq!(cache.get(&1).await, None);
    assert_eq!(cache.get(&2).await, Some(2));
}

#[tokio::test]
async fn a_call_may_bring_its_own_ttl() {
    let (toolkit, clock) = toolkit();
    let cache: Cache<u64, u64> = toolkit.cache("n").build().unwrap();
    let short = Duration::from_secs(1);
    cache
        .entry(&1)
        .ttl(short)
        .get_or_load(|| brings(7))
        .await
        .value
        .unwrap();
    cache.put(&2, 7, short).await;
    cache.put(&3, 7, Duration::MAX).await;
    clock.advance(short);
    assert_eq!((cache.get(&1).await, cache.get(&2).await), (None, None));
    clock.advance(HOUR * 24 * 365 * 100);
    assert_eq!(cache.get(&3).await, Some(7), "arithmetic saturates");
    cache.put(&3, 8, Duration::ZERO).await;
    assert_eq!(cache.get(&3).await, None, "zero removes");
}

#[tokio::test]
async fn a_calendar_that_jumps_neither_revives_nor_wipes() {
    let (toolkit, clock) = toolkit();
    let cache: Cache<u64, u64> = toolkit.cache("n").ttl(HOUR).build().unwrap();
    let calls = Calls::default();
    let load = || async {
        calls.count();
        Ok::<_, Infallible>(7)
    };
    cache.get_or_load(&1, load).await.unwrap();
    clock.set_wall(SystemTime::UNIX_EPOCH + HOUR * 24 * 365 * 200);
    assert_eq!(cache.get(&1).await, Some(7));
    clock.advance(HOUR);
    clock.set_wall(SystemTime::UNIX_EPOCH);
    assert_eq!(cache.get(&1).await, None);
    assert_eq!(calls.seen(), 1);
}

#[tokio::test]
async fn a_ttl_may_change_while_it_is_used() {
    const SECOND: Duration = Duration::from_secs(1);
    let (toolkit, clock) = toolkit();
    let cache: Cache<u64, u64> = toolkit.cache("n").ttl(4 * SECOND).build().unwrap();
    cache.get_or_load(&1, || brings(1)).await.unwrap();
    cache.set_ttl(2 * SECOND).unwrap();
    cache.get_or_load(&2, || brings(2)).await.unwrap();
    clock.advance(2 * SECOND);
    assert_eq!(cache.get_many(&[1, 2]).await, [Some(1), None]);
    let error = cache.set_ttl(Duration::ZERO).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cache `n`: the TTL is zero; expected a duration greater than zero"
    );
    cache.set_ttl(Duration::MAX).unwrap();
    cache.get_or_load(&2, || brings(2)).await.unwrap();
    clock.advance(1_000_000 * SECOND);
    assert_eq!(cache.get_many(&[1, 2]).await, [None, Some(2)]);

    let by_value = toolkit.cache::<u64, u64>("by value").ttl_with(|_| SECOND);
    let error = by_value.build().unwrap().set_ttl(SECOND).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cache `by value`: its TTL comes from the value and cannot be set; expected a cache with one TTL for \
         all; let the function given to `ttl_with` read what changes"
    );
}

#[tokio::test]
async fn a_ttl_that_changes_leaves_how_long_nothing_is_remembered() {
    const SECOND: Duration = Duration::from_secs(1);
    let (toolkit, clock) = toolkit();
    let cache = toolkit.cache("n").ttl(4 * SECOND).negative_ttl(2 * SECOND);
    let cache: Cache<u64, Option<u64>> = cache.build().unwrap();
    let load = async || {
        for (key, value) in [(1, Some(1)), (2, None)] {
            let load = || async move { Ok::<_, Infallible>(value) };
            cache.get_or_load(&key, load).await.unwrap();
        }
    };
    for (ttl, nothing) in [(8, 2), (1, 1)] {
        cache.clear().await;
        cache.set_ttl(ttl * SECOND).unwrap();
        load().await;
        let lives = async |key: u64| cache.get(&key).await.is_some();
        for second in 1..=ttl {
            assert!(lives(1).await);
            assert_eq!(lives(2).await, second <= nothing);
            clock.advance(SECOND);
        }
        assert!(!lives(1).await && !lives(2).await);
    }
}

#[tokio::test]
async fn without_redis_a_copy_is_all_there_is() {
    const SECOND: Duration = Duration::from_secs(1);
    let (toolkit, clock) = toolkit();
    let cache = toolkit.cache("n").ttl(60 * SECOND).near_ttl(5 * SECOND);
    let cache: Cache<u64, u64> = cache.stale_if_error(600 * SECOND).build().unwrap();
    cache.get_or_load(&1, || brings(1)).await.unwrap();
    clock.advance(5 * SECOND);
    assert_eq!(cache.get(&1).await, None);
    let fails = async || {
        let found = cache.entry(&1).get_or_load(|| async { Err("down") }).await;
        (found.value.ok(), found.status)
    };
    // the window counts from where it ended
    for after in [1, 59, 539] {
        clock.advance(after * SECOND);
        assert_eq!(fails().await, (Some(1), Status::Stale));
    }
    clock.advance(SECOND);
    assert_eq!(fails().await.0, None);
}
