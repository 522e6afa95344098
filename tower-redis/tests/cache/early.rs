//! What is fresh is loaded anew before it ends.

use std::convert::Infallible;
use std::time::Duration;

use tower_redis::cache::{Cache, Status};

use crate::{Calls, brings, settle, toolkit};

const TTL: Duration = Duration::from_secs(100);

async fn ask(cache: &Cache<u64, u64>, calls: &Calls) -> (u64, Status) {
    let calls = calls.clone();
    let load = || async move { Ok::<_, Infallible>(calls.count() as u64) };
    let found = cache.entry(&1).get_or_load_detached(load).await;
    settle().await;
    (found.value.unwrap(), found.status)
}

#[tokio::test]
async fn after_a_part_of_its_life_a_value_is_loaded_behind_the_back_of_who_asks() {
    let (toolkit, clock) = toolkit();
    let cache: Cache<u64, u64> = toolkit
        .cache("n")
        .ttl(TTL)
        .refresh_after(0.75)
        .build()
        .unwrap();
    let calls = Calls::default();
    assert_eq!(ask(&cache, &calls).await, (1, Status::Loaded));
    clock.advance(Duration::from_secs(74));
    assert_eq!(ask(&cache, &calls).await, (1, Status::Near));
    assert_eq!(calls.seen(), 1);
    clock.advance(Duration::from_secs(1));
    assert_eq!(ask(&cache, &calls).await, (1, Status::Near));
    assert_eq!(ask(&cache, &calls).await, (2, Status::Near));
    assert_eq!(calls.seen(), 2);
    // and its life has begun anew
    clock.advance(Duration::from_secs(74));
    assert_eq!(ask(&cache, &calls).await, (2, Status::Near));
    assert_eq!(calls.seen(), 2);
}

#[tokio::test]
async fn an_early_load_that_fails_changes_nothing() {
    let (toolkit, clock) = toolkit();
    let builder = toolkit.cache("n").ttl(TTL).refresh_after(0.5);
    let cache: Cache<u64, u64> = builder.build().unwrap();
    cache.get_or_load(&1, || brings(1)).await.unwrap();
    clock.advance(TTL / 2);
    for detached in [true, false] {
        let load = || async { Err::<u64, _>("away") };
        let found = if detached {
            cache.entry(&1).get_or_load_detached(load).await
        } else {
            clock.advance(Duration::from_secs(2));
            cache.entry(&1).get_or_load(load).await
        };
        settle().await;
        assert_eq!((found.value, found.status), (Ok(1), Status::Near));
    }
    assert_eq!(cache.stats().failed_loads, 2);
    clock.advance(TTL / 2);
    assert_eq!(cache.get(&1).await, None, "it ends when it ends");
}

/// The longer the load and the nearer the end, the likelier; the exact chances are held where they are computed.
#[tokio::test]
async fn by_chance_a_value_is_loaded_before_its_end_and_not_long_before() {
    let (toolkit, clock) = toolkit();
    let builder = toolkit.cache("n").ttl(TTL).refresh_by_chance(1.0);
    let cache: Cache<u64, u64> = builder.build().unwrap();
    let takes = Duration::from_secs(1);
    let load = || async {
        clock.advance(takes);
        Ok::<_, Infallible>(1)
    };
    cache.get_or_load(&1, load).await.unwrap();
    let calls = Calls::default();
    // more than sixteen times the load from its end
    clock.advance(TTL - 17 * takes);
    for _ in 0..100 {
        ask(&cache, &calls).await;
    }
    assert_eq!(calls.seen(), 0);
    // a hundredth of the load from its end: it is due with a chance of 99 in 100
    clock.advance(17 * takes - takes / 100);
    while calls.seen() == 0 {
        assert_eq!(ask(&cache, &calls).await, (1, Status::Near));
    }
    assert_eq!(calls.seen(), 1);
}

#[tokio::test]
async fn lives_that_began_together_do_not_end_together() {
    let (toolkit, clock) = toolkit();
    let builder = toolkit.cache("n").ttl(TTL).jitter(0.5);
    let cache: Cache<u64, u64> = builder.build().unwrap();
    for key in 0..1_000 {
        cache.get_or_load(&key, || brings(key)).await.unwrap();
    }
    let there = async || {
        let mut there = 0;
        for key in 0..1_000 {
            there += usize::from(cache.get(&key).await.is_some());
        }
        there
    };
    clock.advance(TTL / 2 - Duration::from_millis(1));
    assert_eq!(there().await, 1_000, "at least half of it");
    clock.advance(TTL / 4);
    // half of them, give or take fifteen standard deviations
    assert!((260..740).contains(&there().await));
    clock.advance(TTL / 4 + Duration::from_millis(1));
    assert_eq!(there().await, 0);
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let refused = |set: &dyn Fn(tower_redis::cache::CacheBuilder<u64, u64>) -> _| {
        let (toolkit, _) = toolkit();
        let built: Result<Cache<u64, u64>, tower_redis::Error> = set(toolkit.cache("n"));
        built.unwrap_err().to_string()
    };
    let zero = Duration::ZERO;
    let texts = [
        refused(&|cache| cache.jitter(1.5).build()),
        refused(&|cache| cache.jitter(f64::NAN).build()),
        refused(&|cache| cache.refresh_after(-0.1).build()),
        refused(&|cache| cache.refresh_by_chance(0.0).build()),
        refused(&|cache| cache.near_ttl(zero).build()),
        refused(&|cache| cache.time_to_idle(zero).build()),
    ];
    for (text, named) in texts.iter().zip([
        "jitter",
        "jitter",
        "refresh_after",
        "refresh_by_chance",
        "near_ttl",
        "time_to_idle",
    ]) {
        assert!(text.contains(named) && text.contains("expected"), "{text}");
    }
}
