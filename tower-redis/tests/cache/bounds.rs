//! Memory is bounded, by entries or by bytes, and zero is refused.

use std::time::Duration;

use futures_util::FutureExt as _;
use tower_redis::cache::{Cache, CacheEvent};

use crate::{HOUR, toolkit};

#[tokio::test]
async fn by_entries() {
    for capacity in [1, 2, 10, 64, 65, 1_000] {
        let cache: Cache<u64, u64> = toolkit().0.cache("n").capacity(capacity).build().unwrap();
        for n in 0..capacity * 3 {
            cache.put(&n, n, HOUR).await;
            let stats = cache.stats();
            assert!(
                stats.entries as u64 <= capacity + capacity / 8,
                "{} of {capacity}",
                stats.entries
            );
        }
        assert!(
            cache.stats().entries as u64 >= capacity / 2,
            "room is used: {capacity}"
        );
        let last = capacity * 3 - 1;
        assert_eq!(
            cache.get(&last).await,
            Some(last),
            "the newest is admitted: {capacity}"
        );
    }
}

#[tokio::test]
async fn by_bytes() {
    let weigh = |text: &String| text.len();
    let cache: Cache<u64, String> = toolkit()
        .0
        .cache("n")
        .capacity_bytes(100_000, weigh)
        .build()
        .unwrap();
    for n in 0..1_000 {
        cache.put(&n, "x".repeat(872), HOUR).await;
    }
    let stats = cache.stats();
    assert!(
        (50_000..=100_000).contains(&stats.weight),
        "{}",
        stats.weight
    );
    assert!(stats.entries <= 100, "{}", stats.entries);
    cache.put(&1_000, "x".repeat(200_000), HOUR).await;
    assert_eq!(cache.get(&1_000).await, None, "too heavy to be kept");
}

#[test]
fn zero_is_refused_with_the_name_and_what_is_expected() {
    let (toolkit, _) = toolkit();
    let say = |error: tower_redis::Error| {
        assert!(error.is_config());
        error.to_string()
    };
    let cache = || toolkit.cache::<u64, u64>("users");
    assert_eq!(
        say(cache().capacity(0).build().unwrap_err()),
        "cache `users`: the capacity is zero; expected at least 1 entry"
    );
    assert_eq!(
        say(cache().capacity_bytes(0, |_| 1).build().unwrap_err()),
        "cache `users`: the capacity is zero; expected at least 1 byte"
    );
    assert_eq!(
        say(cache().ttl(Duration::ZERO).build().unwrap_err()),
        "cache `users`: the TTL is zero; expected a duration greater than zero"
    );
}

#[tokio::test]
async fn a_bound_may_change_while_it_is_used() {
    let cache: Cache<u64, u64> = toolkit().0.cache("n").capacity(40).build().unwrap();
    let fill = async |to: u64| {
        for n in 0..to {
            cache.put(&n, n, HOUR).await;
        }
        cache.stats()
    };
    assert_eq!(fill(40).await.entries, 40);
    cache.set_capacity(10).unwrap();
    let stats = cache.stats();
    assert_eq!((stats.entries, stats.weight, stats.evictions), (10, 10, 30));
    assert_eq!(fill(40).await.entries, 10);
    cache.set_capacity(20).unwrap();
    assert_eq!(fill(40).await.entries, 20);
    let error = cache.set_capacity(0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cache `n`: the capacity is zero; expected at least 1"
    );
    assert_eq!(fill(40).await.entries, 20);
}

#[test]
fn a_bound_may_change_while_others_store() {
    let left = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let told = std::sync::Arc::clone(&left);
    let listen = move |_: &CacheEvent<'_, u64>| {
        told.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    };
    let builder = toolkit().0.cache("n").capacity(1_000).on_event(listen);
    let cache: Cache<u64, u64> = builder.build().unwrap();
    std::thread::scope(|threads| {
        for thread in 0..2 {
            let cache = &cache;
            threads.spawn(move || {
                for n in 0..20_000 {
                    pollster::block_on(cache.put(&(n * 2 + thread), n, HOUR));
                }
            });
        }
        for n in 0..200 {
            cache.set_capacity(100 + n % 2 * 900).unwrap();
        }
    });
    let stats = cache.stats();
    let left = left.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(left, stats.evictions);
    assert_eq!(stats.evictions + stats.entries as u64, 40_000);
}

#[test]
fn two_may_change_a_bound_at_once() {
    let left = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let told = std::sync::Arc::clone(&left);
    let listen = move |_: &CacheEvent<'_, u64>| {
        told.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    };
    let builder = toolkit().0.cache("n").capacity(1_000).on_event(listen);
    let cache: Cache<u64, u64> = builder.build().unwrap();
    let mut put = 0;
    for _ in 0..200 {
        for n in put..put + 1_000 {
            pollster::block_on(cache.put(&n, n, HOUR));
        }
        put += 1_000;
        std::thread::scope(|threads| {
            for capacity in [500, 100] {
                let cache = &cache;
                threads.spawn(move || cache.set_capacity(capacity).unwrap());
            }
        });
        cache.set_capacity(1_000).unwrap();
    }
    let stats = cache.stats();
    let left = left.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(left, stats.evictions);
    assert_eq!(stats.evictions + stats.entries as u64, put);
}

#[tokio::test]
async fn the_largest_bounds_there_are() {
    let builder = || toolkit().0.cache::<u64, u64>("n");
    let by_bytes = builder().capacity_bytes(u64::MAX, |n| usize::try_from(*n).unwrap());
    for builder in [builder().capacity(u64::MAX), by_bytes] {
        let cache = builder.build().unwrap();
        for n in 0..1_000 {
            cache.put(&n, n, Duration::MAX).await;
        }
        cache.put(&0, u64::MAX, Duration::MAX).await;
        assert!((999..=1_000).contains(&cache.stats().entries));
    }
}

/// Half of what was inserted has ended when the rest comes.
#[tokio::test]
async fn what_has_ended_does_not_push_out_what_lives() {
    let (toolkit, clock) = toolkit();
    let cache: Cache<u64, u64> = toolkit.cache("n").capacity(2_000).build().unwrap();
    let (short, long) = (Duration::from_secs(1), Duration::from_secs(1_000));
    for key in 0..700 {
        cache.put(&key, key, long).await;
    }
    for key in 1_000..2_200 {
        cache.put(&key, key, short).await;
    }
    clock.advance(short);
    // nothing else gets to run
    for key in 3_000..3_700 {
        cache.put(&key, key, long).await;
    }
    let mut there = 0;
    for key in (0..700).chain(3_000..3_700) {
        there += usize::from(cache.get(&key).await.is_some());
    }
    assert!(there >= 1_380, "{there} of 1,400 live on");
    let stats = cache.stats();
    assert!(stats.entries <= 2_000, "{stats:?}");
}

/// The eviction policy would keep them longest. There is no runtime in this test.
#[test]
fn what_was_asked_for_often_and_has_ended_makes_room_a_few_at_a_time() {
    let (toolkit, clock) = toolkit();
    // the more cores, the more parts there are, none of which is to be small
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let full = 1_900 * cores;
    let builder = toolkit.cache("n").capacity(2_000 * cores);
    let cache: Cache<u64, u64> = builder.build().unwrap();
    let (short, long) = (Duration::from_secs(1), Duration::from_secs(1_000));
    for key in 0..full {
        cache.put(&key, key, short).now_or_never().unwrap();
    }
    for _ in 0..5 {
        for key in 0..full {
            cache.get(&key).now_or_never().unwrap();
        }
    }
    clock.advance(short);
    let put = |keys: std::ops::Range<u64>| {
        for key in keys {
            cache.put(&key, key, long).now_or_never().unwrap();
        }
    };
    let new = 2 * full..2 * full + 100 * cores;
    put(new.start..new.start + 1);
    // it does not pay for all of it
    let left = cache.stats().entries as u64;
    assert!(left > full / 2, "{left} of {full}");
    put(new.start + 1..new.end);
    assert_eq!(cache.stats().entries as u64, 100 * cores);
    let live = |key: u64| cache.get(&key).now_or_never().unwrap() == Some(key);
    assert!(new.into_iter().all(live));
}

/// Whatever fits, from the first that comes.
#[test]
fn what_has_ended_does_not_push_out_what_lives_of_a_small_cache() {
    let (short, long) = (Duration::from_secs(1), Duration::from_secs(1_000));
    for capacity in [1, 2, 3, 10, 16, 64] {
        let (toolkit, clock) = toolkit();
        let builder = toolkit.cache("n").capacity(capacity);
        let cache: Cache<u64, u64> = builder.build().unwrap();
        for key in 0..capacity {
            cache.put(&key, key, short).now_or_never().unwrap();
            for _ in 0..3 {
                cache.get(&key).now_or_never().unwrap();
            }
        }
        clock.advance(short);
        let new = 100..100 + capacity;
        for key in new.clone() {
            cache.put(&key, key, long).now_or_never().unwrap();
        }
        let live = |key: &u64| cache.get(key).now_or_never().unwrap() == Some(*key);
        let there = new.filter(live).count() as u64;
        assert_eq!(there, capacity);
    }
}
