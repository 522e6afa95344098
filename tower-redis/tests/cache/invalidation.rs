//! An invalidation that returned before a read began is seen by that read.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::oneshot;
use tower_redis::cache::{Cache, Status};

use crate::{HOUR, brings, cache, settle, toolkit};

/// The ways to make the entry under key 1 invalid. It carries the tag `t`.
const WAYS: [&str; 5] = ["key", "tags", "prefix", "clear", "put"];

async fn invalidate(cache: &Cache<u64, u64>, way: &str) {
    match way {
        "key" => drop(cache.invalidate(&1).await),
        "tags" => drop(cache.invalidate_tags(&["t"]).await),
        "prefix" => drop(cache.invalidate_prefix("1").await.unwrap()),
        "clear" => drop(cache.clear().await),
        "put" => cache.put(&1, 100, HOUR).await,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_stored_value_goes() {
    for way in WAYS {
        let cache = cache();
        cache
            .entry(&1)
            .tags(&["t"])
            .get_or_load(|| brings(7))
            .await
            .value
            .unwrap();
        cache
            .entry(&2)
            .get_or_load(|| brings(7))
            .await
            .value
            .unwrap();
        invalidate(&cache, way).await;
        let left = (way == "put").then_some(100);
        assert_eq!(cache.get(&1).await, left, "{way}");
        assert_eq!(cache.get(&2).await, (way != "clear").then_some(7), "{way}");
    }
}

#[tokio::test]
async fn a_load_under_way_is_not_joined_and_not_stored() {
    for way in WAYS {
        let cache = cache();
        let (go, gone) = oneshot::channel::<()>();
        let older = tokio::spawn({
            let cache = cache.clone();
            async move {
                let load = || async {
                    gone.await.unwrap();
                    Ok::<_, Infallible>(7)
                };
                cache.entry(&1).tags(&["t"]).get_or_load(load).await
            }
        });
        let waiter = tokio::spawn({
            let cache = cache.clone();
            async move { cache.entry(&1).tags(&["t"]).get_or_load(|| brings(0)).await }
        });
        settle().await;
        invalidate(&cache, way).await;
        let younger = cache.entry(&1).tags(&["t"]).get_or_load(|| brings(8)).await;
        let expected = if way == "put" {
            (Ok(100), Status::Near)
        } else {
            (Ok(8), Status::Loaded)
        };
        assert_eq!((younger.value.clone(), younger.status), expected, "{way}");
        go.send(()).unwrap();
        assert_eq!(
            older.await.unwrap().value,
            Ok(7),
            "{way}: its own callers get its result"
        );
        assert_eq!(waiter.await.unwrap().value, Ok(7), "{way}");
        assert_eq!(
            cache.get(&1).await,
            younger.value.ok(),
            "{way}: and it overwrites nothing"
        );
        assert_eq!(cache.stats().refused_fills, 1, "{way}");
        assert_eq!(cache.stats().loading, 0, "{way}");
    }
}

#[tokio::test]
async fn tags_reach_across_the_caches_of_a_toolkit() {
    let (toolkit, _) = toolkit();
    let [a, b] = ["a", "b"].map(|name| toolkit.cache::<u64, u64>(name).build().unwrap());
    for cache in [&a, &b] {
        cache.entry(&1).tags(&["users", "org:7"]).put(7).await;
        cache.entry(&2).tags(&["org:8"]).put(8).await;
    }
    toolkit.invalidate_tags(&["org:7"]).await;
    for cache in [&a, &b] {
        assert_eq!((cache.get(&1).await, cache.get(&2).await), (None, Some(8)));
    }
}

#[tokio::test]
async fn it_tells_how_many_entries_went() {
    let (toolkit, _) = toolkit();
    let cache: Cache<(String, u64), u64> = toolkit.cache("n").build().unwrap();
    for org in ["a", "ab", "b"] {
        for n in 0..3 {
            cache.put(&(org, n), n, HOUR).await;
        }
    }
    assert_eq!(cache.invalidate(&("a", 0)).await.dropped, 1);
    assert_eq!(cache.invalidate(&("a", 0)).await.dropped, 0);
    assert_eq!(cache.invalidate_prefix("a:").await.unwrap().dropped, 2);
    assert_eq!(cache.get(&("ab", 1)).await, Some(1));
    let refused = cache.invalidate_prefix("").await.unwrap_err().to_string();
    assert!(
        refused.contains("`n`") && refused.contains("clear()"),
        "{refused}"
    );
    assert_eq!(cache.clear().await.dropped, 6);
}

/// Writers raise a number and invalidate; readers must never see less than what had been invalidated
/// before they began.
#[test]
fn no_reader_sees_what_was_invalidated_before_it_began() {
    const ROUNDS: u64 = 3_000;
    for way in ["key", "tags", "prefix", "clear"] {
        let cache = cache();
        let (source, settled) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let done = Arc::new(AtomicBool::new(false));
        std::thread::scope(|scope| {
            for reader in 0..3 {
                let (cache, source) = (cache.clone(), Arc::clone(&source));
                let (settled, done) = (Arc::clone(&settled), Arc::clone(&done));
                scope.spawn(move || {
                    let mut reads = 0_u64;
                    while !done.load(Ordering::SeqCst) || reads < 100 {
                        let floor = settled.load(Ordering::SeqCst);
                        let load = || async {
                            let value = source.load(Ordering::SeqCst);
                            if (reads + reader).is_multiple_of(3) {
                                std::thread::yield_now();
                            }
                            Ok::<_, Infallible>(value)
                        };
                        let entry = cache.entry(&1).tags(&["t"]);
                        let value = pollster::block_on(entry.get_or_load(load)).value.unwrap();
                        assert!(
                            value >= floor,
                            "{way}: read {value} after {floor} was invalidated"
                        );
                        reads += 1;
                    }
                });
            }
            for round in 1..=ROUNDS {
                source.store(round, Ordering::SeqCst);
                pollster::block_on(invalidate(&cache, way));
                settled.store(round, Ordering::SeqCst);
                if round % 7 == 0 {
                    std::thread::yield_now();
                }
            }
            done.store(true, Ordering::SeqCst);
        });
        assert_eq!(cache.stats().loading, 0, "{way}");
    }
}
