//! Loads that need each other do not wait for ever.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Barrier, oneshot};
use tokio::task::JoinHandle;
use tower_redis::cache::{Cache, part_of_load};

use crate::{Calls, brings, cache, settle};

type Boxed<'a> = Pin<Box<dyn Future<Output = u64> + Send + 'a>>;

/// `n` is computed from `n - 1`, each in a load of its own.
fn sum(cache: Cache<u64, u64>, n: u64, detached: bool) -> Boxed<'static> {
    Box::pin(async move {
        let below = cache.clone();
        let load = move || async move {
            Ok::<_, Infallible>(if n == 0 {
                0
            } else {
                n + sum(below, n - 1, detached).await
            })
        };
        let loaded = if detached {
            cache.get_or_load_detached(&n, load).await
        } else {
            cache.get_or_load(&n, load).await
        };
        loaded.unwrap()
    })
}

#[tokio::test]
async fn a_load_may_use_other_keys_of_its_own_cache() {
    for detached in [false, true] {
        let cache = cache();
        assert_eq!(sum(cache.clone(), 50, detached).await, 1_275);
        assert_eq!(cache.stats().loads, 51);
    }
}

#[tokio::test]
async fn a_load_that_asks_for_its_own_key_runs_it_again() {
    for detached in [false, true] {
        let (cache, calls) = (cache(), Calls::default());
        let (inner, counted) = (cache.clone(), calls.clone());
        let load = move || async move {
            counted.count();
            let again = inner.get_or_load(&1, || brings(6)).await;
            again.map(|n| n + 1)
        };
        let answer = if detached {
            cache.get_or_load_detached(&1, load).await
        } else {
            cache.get_or_load(&1, load).await
        };
        assert_eq!((answer, calls.seen()), (Ok(7), 1));
    }
}

#[tokio::test]
async fn a_task_that_a_load_starts_may_be_part_of_it() {
    for detached in [false, true] {
        let cache = cache();
        let inner = cache.clone();
        let load = move || async move {
            let load = move || async move { inner.get_or_load(&1, || brings(6)).await };
            let other = part_of_load(async move { load().await.unwrap() });
            Ok::<_, Infallible>(tokio::spawn(other).await.unwrap() + 1)
        };
        let loaded = async {
            if detached {
                cache.get_or_load_detached(&1, load).await
            } else {
                cache.get_or_load(&1, load).await
            }
        };
        let loaded = tokio::time::timeout(Duration::from_secs(60), loaded).await;
        assert_eq!(loaded.expect("it waits for itself"), Ok(7));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tasks_whose_loads_need_each_other_both_end() {
    for detached in [false, true] {
        for _ in 0..200 {
            let (cache, both) = (cache(), Arc::new(Barrier::new(2)));
            let task = |mine: u64, other: u64| {
                let (cache, both) = (cache.clone(), Arc::clone(&both));
                tokio::spawn(async move {
                    let (inner, key) = (cache.clone(), mine);
                    let load = move || async move {
                        both.wait().await;
                        let needed = inner.get_or_load(&other, || brings(1)).await;
                        needed.map(|n| n + 1)
                    };
                    if detached {
                        cache.get_or_load_detached(&key, load).await
                    } else {
                        cache.get_or_load(&key, load).await
                    }
                })
            };
            let (a, b) = (task(1, 2), task(2, 1));
            let (a, b) = (a.await.unwrap().unwrap(), b.await.unwrap().unwrap());
            assert!((2..=3).contains(&a) && (2..=3).contains(&b), "{a} {b}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_that_needs_the_load_that_started_it_ends() {
    for _ in 0..1_000 {
        let cache = cache();
        let (outer, inner) = (cache.clone(), cache.clone());
        let load = || async move {
            let back = inner.clone();
            let load = move || async move { back.get_or_load(&1, || brings(1)).await };
            let needed = inner.get_or_load_detached(&2, load).await;
            needed.map(|n| n + 1)
        };
        assert_eq!(outer.get_or_load(&1, load).await, Ok(2));
    }
}

/// After a leader panicked, those it left behind load a few at a time. One of them is needed by the
/// others: it must not have to wait for its turn.
#[tokio::test]
async fn who_is_needed_does_not_queue_behind_those_who_need_it() {
    // who is woken first is a matter of chance
    for _ in 0..30 {
        let cache = cache();
        let (go, gone) = oneshot::channel::<()>();
        let leader = tokio::spawn({
            let cache = cache.clone();
            async move {
                let load = || async {
                    gone.await.unwrap();
                    panic!("the load's own fault")
                };
                cache.get_or_load(&1, load).await as Result<u64, Arc<Infallible>>
            }
        });
        settle().await;
        // more than are let through at once; each needs 2, and 2 needs 1
        let mut waiting: Vec<_> = (0..8).map(|_| nested(&cache, 1, 2)).collect();
        settle().await;
        waiting.push(nested(&cache, 2, 1));
        settle().await;
        go.send(()).unwrap();
        assert!(leader.await.unwrap_err().is_panic());
        let all = async {
            for task in waiting {
                assert_eq!(task.await.unwrap(), 7);
            }
        };
        let ended = tokio::time::timeout(Duration::from_secs(60), all).await;
        ended.expect("they wait for each other");
    }
}

/// Loads `outer`, which needs `inner`, which is 7.
fn nested(cache: &Cache<u64, u64>, outer: u64, inner: u64) -> JoinHandle<u64> {
    let (cache, within) = (cache.clone(), cache.clone());
    tokio::spawn(async move {
        let load = || async move { within.get_or_load(&inner, || brings(7)).await };
        cache.get_or_load(&outer, load).await.unwrap()
    })
}
