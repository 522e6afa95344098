//! Values, keys and times that nobody should have.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use tower_redis::cache::{Cache, Fresh, within};

use crate::{HOUR, brings, toolkit};

const SOON: Duration = Duration::from_secs(5);

/// A value that panics while it is told to.
#[derive(Debug, Default)]
struct Touchy {
    when_cloned: Arc<AtomicBool>,
    when_dropped: Arc<AtomicBool>,
}

impl Clone for Touchy {
    fn clone(&self) -> Self {
        assert!(!self.when_cloned.load(Ordering::SeqCst), "cloned");
        Self {
            when_cloned: Arc::clone(&self.when_cloned),
            when_dropped: Arc::clone(&self.when_dropped),
        }
    }
}

impl Drop for Touchy {
    fn drop(&mut self) {
        let panics = self.when_dropped.load(Ordering::SeqCst);
        assert!(!panics || std::thread::panicking(), "dropped");
    }
}

fn touchy(capacity: u64) -> Cache<u64, Touchy> {
    let builder = toolkit().0.near_cache("touchy").capacity(capacity);
    builder.build().unwrap()
}

async fn brings_calm() -> Result<Touchy, Infallible> {
    Ok(Touchy::default())
}

async fn panics(what: impl Future) -> bool {
    AssertUnwindSafe(what).catch_unwind().await.is_err()
}

#[tokio::test]
async fn a_value_that_panics_when_it_is_cloned_panics_alone() {
    let cache = touchy(10);
    let value = Touchy::default();
    let when_cloned = Arc::clone(&value.when_cloned);
    cache.put(&1, value, HOUR).await;
    when_cloned.store(true, Ordering::SeqCst);
    assert!(panics(cache.get(&1)).await);
    assert!(panics(cache.get_or_load(&1, brings_calm)).await);
    cache.get_or_load(&2, brings_calm).await.unwrap();
    when_cloned.store(false, Ordering::SeqCst);
    assert!(cache.get(&1).await.is_some(), "it is there still");
}

#[tokio::test]
async fn a_load_that_brings_such_a_value_leaves_nobody_waiting() {
    let cache = touchy(10);
    let callers = (0..10).map(|_| {
        let cache = cache.clone();
        tokio::spawn(async move {
            let load = || async {
                tokio::task::yield_now().await;
                let value = Touchy::default();
                value.when_cloned.store(true, Ordering::SeqCst);
                Ok::<_, Infallible>(value)
            };
            cache.get_or_load_detached(&1, load).await.map(drop)
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        let ended = tokio::time::timeout(SOON, caller).await;
        assert!(ended.unwrap().unwrap_err().is_panic());
    }
    assert_eq!(cache.stats().loading, 0);
}

#[tokio::test]
async fn a_value_that_panics_when_it_is_dropped_leaves_the_cache_as_it_should_be() {
    for how in 0..4 {
        let cache = touchy(2);
        let value = Touchy::default();
        let when_dropped = Arc::clone(&value.when_dropped);
        cache.put(&1, value, HOUR).await;
        when_dropped.store(true, Ordering::SeqCst);
        let leaves = async {
            match how {
                0 => drop(cache.invalidate(&1).await),
                1 => cache.put(&1, Touchy::default(), HOUR).await,
                2 => drop(cache.clear().await),
                _ => {
                    for key in 2..10 {
                        cache.put(&key, Touchy::default(), HOUR).await;
                    }
                }
            }
        };
        assert!(panics(leaves).await, "{how}");
        for key in 0..10 {
            cache.put(&key, Touchy::default(), HOUR).await;
            assert!(cache.get(&key).await.is_some(), "{how}");
            let other = 100 + key;
            let load = cache.get_or_load(&other, brings_calm);
            tokio::time::timeout(SOON, load).await.unwrap().unwrap();
        }
        assert_eq!(cache.stats().entries, 2, "{how}");
        cache.clear().await;
        assert_eq!(cache.stats().entries, 0, "{how}");
    }
}

#[tokio::test]
async fn a_batch_that_brings_a_key_twice_answers_what_it_keeps() {
    let cache: Cache<u64, u64> = toolkit().0.cache("n").build().unwrap();
    let load = |asked: Vec<&u64>| {
        assert_eq!(asked, [&1, &2]);
        async { Ok::<_, Infallible>([(1_u64, 10_u64), (1, 11), (2, 20)]) }
    };
    let found = cache.get_or_load_many(&[1, 2, 1], load).await.unwrap();
    assert_eq!(found[0], cache.get(&1).await);
    assert_eq!(found[0], found[2]);
}

#[tokio::test]
async fn a_batch_that_panics_at_once_or_while_it_is_read_leaves_nobody_waiting() {
    let cache: Cache<u64, u64> = toolkit().0.cache("n").build().unwrap();
    let at_once = cache.get_or_load_many(&[1, 2], |asked| {
        assert!(asked.is_empty(), "at once");
        async { Ok::<Vec<(u64, u64)>, Infallible>(Vec::new()) }
    });
    assert!(panics(at_once).await);
    let half_way = cache.get_or_load_many(&[1, 2], |_| async {
        let pairs = (1..3_u64).map(|key| {
            assert!(key < 2, "half-way");
            (key, key)
        });
        Ok::<_, Infallible>(pairs)
    });
    assert!(panics(half_way).await);
    for key in [1, 2] {
        let load = cache.get_or_load(&key, || brings(7));
        assert_eq!(tokio::time::timeout(SOON, load).await.unwrap(), Ok(7));
    }
}

#[tokio::test]
async fn unchanged_says_nothing_of_what_was_invalidated_meanwhile() {
    let (toolkit, clock) = toolkit();
    let builder = toolkit.cache("n").keep_for_revalidation(HOUR);
    let cache: Cache<u64, u64> = builder.build().unwrap();
    let short = Duration::from_secs(1);
    for how in 0..4 {
        cache.entry(&1).tags(&["tag"]).ttl(short).put(1).await;
        clock.advance(short);
        let load = cache.entry(&1).tags(&["tag"]).load_with(async |old| {
            match how {
                0 => drop(cache.invalidate(&1).await),
                1 => drop(toolkit.invalidate_tags(&["tag"]).await),
                2 => drop(cache.clear().await),
                _ => drop(cache.expire(&1).await),
            }
            Ok::<_, Infallible>(old.unwrap().unchanged())
        });
        assert_eq!(load.await.value, Ok(1));
        assert_eq!(cache.get(&1).await, None, "{how}");
        let seen = cache.entry(&1).load_with(async |old| {
            let was_there = old.is_some();
            Ok::<_, Infallible>(Fresh::new(u64::from(was_there)))
        });
        let expired = u64::from(how == 3);
        assert_eq!(seen.await.value, Ok(expired), "{how}");
        cache.clear().await;
    }
}

#[tokio::test]
async fn the_longest_times_there_are() {
    let (longest, (toolkit, clock)) = (Duration::MAX, toolkit());
    let builder = toolkit.cache("n").ttl(longest).near_ttl(longest);
    let builder = builder.time_to_idle(longest).throttle(longest);
    let builder = builder.stale_if_error(longest).soft_timeout(longest);
    let builder = builder.stale_while_revalidate(longest);
    let builder = builder.keep_for_revalidation(longest);
    let cache: Cache<u64, u64> = builder.jitter(0.5).refresh_after(1.0).build().unwrap();
    let load = || async { within(longest, async { Ok::<_, Late>(7) }).await };
    assert_eq!(cache.get_or_load(&1, load).await.ok(), Some(7));
    cache.put(&2, 2, longest).await;
    clock.advance(Duration::from_secs(1 << 33));
    assert_eq!(cache.get(&1).await, Some(7));
    assert_eq!(cache.get(&2).await, Some(2));
    cache.expire(&2).await;
    let away = || async { Err::<u64, _>(Late) };
    assert_eq!(cache.get_or_load(&2, away).await.ok(), Some(2), "stale");
    let builder = toolkit.cache("m").ttl(longest).refresh_by_chance(f64::MAX);
    let cache: Cache<u64, u64> = builder.build().unwrap();
    for _ in 0..3 {
        cache.get_or_load(&1, || brings(1)).await.unwrap();
        clock.advance(Duration::from_secs(1 << 33));
    }
}

#[derive(Debug, Clone)]
struct Late;

impl From<tower_redis::cache::TimedOut> for Late {
    fn from(_: tower_redis::cache::TimedOut) -> Self {
        Self
    }
}

#[tokio::test]
async fn keys_of_any_bytes() {
    let cache: Cache<Vec<u8>, usize> = toolkit().0.cache("bytes").build().unwrap();
    let large = vec![b'x'; 1 << 20];
    let keys: [&[u8]; 9] = [
        b"",
        b"\0",
        b"\n",
        b"\xff\xfe",
        b":",
        b"%",
        b"%25",
        b"[]",
        &large,
    ];
    let keys = keys.map(<[u8]>::to_vec);
    for (at, key) in keys.iter().enumerate() {
        cache.put(key, at, HOUR).await;
    }
    for (at, key) in keys.iter().enumerate() {
        assert_eq!(cache.get(key).await, Some(at));
        cache.invalidate(key).await;
        assert_eq!(cache.get(key).await, None);
    }
}
