//! One load for many callers, whatever becomes of the one that runs it.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tower_redis::cache::Status;

use crate::{Calls, brings, cache, settle};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_callers_run_one_load() {
    let (cache, calls) = (cache(), Calls::default());
    let (open, gate) = watch::channel(false);
    let callers: Vec<_> = (0..1_000)
        .map(|_| {
            let (cache, calls, mut gate) = (cache.clone(), calls.clone(), gate.clone());
            tokio::spawn(async move {
                let load = || async move {
                    calls.count();
                    gate.wait_for(|open| *open).await.unwrap();
                    Ok::<_, Infallible>(7)
                };
                cache.entry(&1).get_or_load(load).await
            })
        })
        .collect();
    while cache.stats().misses < 1_000 {
        tokio::task::yield_now().await;
    }
    open.send(true).unwrap();
    let mut loaded = 0;
    for caller in callers {
        let lookup = caller.await.unwrap();
        assert_eq!(lookup.value, Ok(7));
        loaded += usize::from(lookup.status == Status::Loaded);
    }
    assert_eq!((calls.seen(), loaded), (1, 1));
    assert_eq!(cache.stats().loading, 0);
    assert_eq!(
        cache.entry(&1).get_or_load(|| brings(8)).await.status,
        Status::Near
    );
}

#[tokio::test]
async fn a_detached_load_goes_on_when_its_caller_is_dropped() {
    let (cache, calls) = (cache(), Calls::default());
    let (go, gone) = oneshot::channel::<()>();
    let counted = calls.clone();
    let first = tokio::spawn({
        let cache = cache.clone();
        async move {
            let load = move || async move {
                counted.count();
                gone.await.unwrap();
                Ok::<_, Infallible>(7)
            };
            cache.get_or_load_detached(&1, load).await
        }
    });
    settle().await;
    let others: Vec<_> = (0..999)
        .map(|_| {
            let (cache, counted) = (cache.clone(), calls.clone());
            tokio::spawn(async move {
                let load = move || async move {
                    counted.count();
                    Ok::<_, Infallible>(8)
                };
                cache.get_or_load_detached(&1, load).await
            })
        })
        .collect();
    settle().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    go.send(()).unwrap();
    for other in others {
        assert_eq!(other.await.unwrap(), Ok(7));
    }
    assert_eq!(calls.seen(), 1);
}

#[tokio::test]
async fn when_an_inline_leader_is_dropped_one_waiter_takes_over() {
    let (cache, calls) = (cache(), Calls::default());
    let leader = tokio::spawn({
        let cache = cache.clone();
        async move {
            cache
                .get_or_load(&1, pending::<Result<u64, Infallible>>)
                .await
        }
    });
    settle().await;
    let waiters: Vec<_> = (0..50)
        .map(|_| {
            let (cache, calls) = (cache.clone(), calls.clone());
            tokio::spawn(async move {
                let load = || async {
                    calls.count();
                    settle().await;
                    Ok::<_, Infallible>(7)
                };
                cache.get_or_load(&1, load).await
            })
        })
        .collect();
    settle().await;
    assert_eq!(calls.seen(), 0, "they wait");
    leader.abort();
    for waiter in waiters {
        assert_eq!(waiter.await.unwrap(), Ok(7));
    }
    assert_eq!(calls.seen(), 1);
}

#[tokio::test]
async fn a_leader_that_panics_panics_alone() {
    for detached in [false, true] {
        let (cache, calls) = (cache(), Calls::default());
        let (go, gone) = oneshot::channel::<()>();
        let leader = tokio::spawn({
            let cache = cache.clone();
            async move {
                let load = move || async move {
                    gone.await.unwrap();
                    panic!("the load's own fault");
                };
                if detached {
                    cache.get_or_load_detached(&1, load).await
                        as Result<u64, std::sync::Arc<Infallible>>
                } else {
                    cache.get_or_load(&1, load).await
                }
            }
        });
        settle().await;
        let waiters: Vec<_> = (0..20)
            .map(|_| {
                let (cache, calls) = (cache.clone(), calls.clone());
                tokio::spawn(async move {
                    let load = || async {
                        calls.count();
                        Ok::<_, Infallible>(7)
                    };
                    cache.get_or_load(&1, load).await
                })
            })
            .collect();
        settle().await;
        go.send(()).unwrap();
        assert!(leader.await.unwrap_err().is_panic());
        for waiter in waiters {
            assert_eq!(waiter.await.unwrap(), Ok(7));
        }
        assert!((1..=4).contains(&calls.seen()), "{} loads", calls.seen());
        let stats = cache.stats();
        assert_eq!(stats.loading, 0);
        assert_eq!(stats.coalesced, 20 - calls.seen() as u64);
    }
}

#[tokio::test]
async fn a_slow_load_holds_up_no_other_key() {
    let cache = cache();
    let slow = tokio::spawn({
        let cache = cache.clone();
        async move {
            cache
                .get_or_load(&0, pending::<Result<u64, Infallible>>)
                .await
        }
    });
    settle().await;
    for key in 1..1_000 {
        assert_eq!(cache.get_or_load(&key, || brings(key)).await, Ok(key));
    }
    slow.abort();
}

#[tokio::test]
async fn a_waiter_may_leave() {
    let cache = cache();
    let (go, gone) = oneshot::channel::<()>();
    let leader = tokio::spawn({
        let cache = cache.clone();
        async move {
            let load = || async {
                gone.await.unwrap();
                Ok::<_, Infallible>(7)
            };
            cache.get_or_load(&1, load).await
        }
    });
    settle().await;
    let waiter = tokio::spawn({
        let cache = cache.clone();
        async move { cache.get_or_load(&1, || brings(8)).await }
    });
    settle().await;
    waiter.abort();
    assert!(waiter.await.unwrap_err().is_cancelled());
    go.send(()).unwrap();
    assert_eq!(leader.await.unwrap(), Ok(7));
}

#[test]
fn a_runtime_that_ends_takes_its_loads_along_and_nobody_else() {
    let cache = cache();
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap()
    };
    let (first, second) = (runtime(), runtime());
    first.spawn({
        let cache = cache.clone();
        async move {
            cache
                .get_or_load_detached(&1, pending::<Result<u64, Infallible>>)
                .await
        }
    });
    while cache.stats().misses < 1 {
        std::thread::yield_now();
    }
    let waiter = second.spawn({
        let cache = cache.clone();
        async move { cache.get_or_load_detached(&1, || brings(7)).await }
    });
    while cache.stats().misses < 2 {
        std::thread::yield_now();
    }
    first.shutdown_timeout(Duration::from_secs(60));
    assert_eq!(second.block_on(waiter).unwrap(), Ok(7));
}

#[test]
fn no_runtime_is_needed() {
    let cache = cache();
    let answer = pollster::block_on(cache.get_or_load_detached(&1, || brings(7)));
    assert_eq!(answer, Ok(7));
    assert_eq!(pollster::block_on(cache.get(&1)), Some(7));
}
