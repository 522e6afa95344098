//! Many keys by one call.

use std::convert::Infallible;
use std::future::pending;
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;
use tower_redis::cache::{Cache, Status};

use crate::{Calls, HOUR, brings, cache, settle, toolkit};

/// What a load was asked for, each time.
#[derive(Debug, Clone, Default)]
struct Asked(Arc<Mutex<Vec<Vec<u64>>>>);

impl Asked {
    /// A load of ten times the key, except for keys of a hundred and more.
    async fn tenfold(&self, keys: Vec<&u64>) -> Result<Vec<(u64, u64)>, Infallible> {
        let keys: Vec<u64> = keys.into_iter().copied().collect();
        self.0.lock().unwrap().push(keys.clone());
        let known = keys.into_iter().filter(|key| *key < 100);
        Ok(known.map(|key| (key, key * 10)).collect())
    }

    fn seen(&self) -> Vec<Vec<u64>> {
        self.0.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn what_is_missing_of_many_keys_is_loaded_by_one_call() {
    let (cache, asked) = (cache(), Asked::default());
    cache.put(&2, 22, HOUR).await;
    let keys = [3, 2, 1, 100, 3];
    let load = |keys| asked.tenfold(keys);
    let found = cache.get_or_load_many(&keys, load).await.unwrap();
    assert_eq!(found, [Some(30), Some(22), Some(10), None, Some(30)]);
    assert_eq!(asked.seen(), [[3, 1, 100]]);
    let stats = cache.stats();
    assert_eq!((stats.near_hits, stats.misses, stats.loads), (1, 3, 1));
    assert_eq!(stats.loading, 0);

    // only what was not brought is asked for again
    let found = cache.get_or_load_many(&keys, load).await.unwrap();
    assert_eq!(found, [Some(30), Some(22), Some(10), None, Some(30)]);
    assert_eq!(asked.seen()[1..], [[100]]);
    assert_eq!(
        cache.get_many(&keys).await,
        [Some(30), Some(22), Some(10), None, Some(30)]
    );
    assert_eq!(asked.seen().len(), 2);
}

#[tokio::test]
async fn where_nothing_is_missing_nothing_is_loaded() {
    let (cache, asked) = (cache(), Asked::default());
    let load = |keys| asked.tenfold(keys);
    assert_eq!(cache.get_or_load_many(&[], load).await, Ok(Vec::new()));
    assert_eq!(cache.get_many::<u64>(&[]).await, []);
    cache.put(&1, 11, HOUR).await;
    assert_eq!(
        cache.get_or_load_many(&[1, 1], load).await,
        Ok(vec![Some(11); 2])
    );
    assert!(asked.seen().is_empty());
}

#[tokio::test]
async fn what_nobody_asked_for_is_not_kept() {
    let cache = cache();
    let load = |_| async { Ok::<_, Infallible>([(1, 10), (2, 20)]) };
    assert_eq!(cache.get_or_load_many(&[2], load).await, Ok(vec![Some(20)]));
    assert_eq!(cache.get_many(&[1, 2]).await, [None, Some(20)]);
}

#[tokio::test]
async fn what_others_load_is_waited_for_and_what_they_do_not_bring_is_loaded_again() {
    for brings in [true, false] {
        let (cache, asked) = (cache(), Asked::default());
        let (go, gone) = oneshot::channel::<()>();
        let other = tokio::spawn({
            let cache = cache.clone();
            async move {
                let load = || async move {
                    gone.await.unwrap();
                    Ok::<_, Infallible>(11)
                };
                cache.get_or_load(&1, load).await
            }
        });
        settle().await;
        let batch = tokio::spawn({
            let (cache, asked) = (cache.clone(), asked.clone());
            async move {
                let load = |keys| asked.tenfold(keys);
                cache.get_or_load_many(&[1, 2], load).await.unwrap()
            }
        });
        settle().await;
        assert_eq!(asked.seen(), [[2]], "its own load comes first");
        assert_eq!(cache.get(&2).await, Some(20));
        if brings {
            go.send(()).unwrap();
            assert_eq!(batch.await.unwrap(), [Some(11), Some(20)]);
            assert_eq!(asked.seen(), [[2]]);
        } else {
            other.abort();
            assert_eq!(batch.await.unwrap(), [Some(10), Some(20)]);
            assert_eq!(asked.seen(), [[2], [1]]);
        }
    }
}

#[tokio::test]
async fn those_who_wait_for_a_key_of_many_get_what_it_brought_or_load_themselves() {
    let cache = cache();
    let (go, gone) = oneshot::channel::<()>();
    let mut gone = Some(gone);
    let batch = tokio::spawn({
        let cache = cache.clone();
        async move {
            let load = |_| {
                let gone = gone.take();
                async {
                    gone.unwrap().await.unwrap();
                    Ok::<_, Infallible>([(1, 10)])
                }
            };
            cache.get_or_load_many(&[1, 2], load).await
        }
    });
    settle().await;
    let wait = |key: u64| {
        let cache = cache.clone();
        tokio::spawn(async move { cache.entry(&key).get_or_load(|| brings(7)).await })
    };
    let (first, second) = (wait(1), wait(2));
    let absent = tokio::spawn({
        let cache = cache.clone();
        async move {
            let load = |_| async { Ok::<[(u64, u64); 0], Infallible>([]) };
            cache.get_or_load_many(&[2], load).await
        }
    });
    settle().await;
    go.send(()).unwrap();
    assert_eq!(batch.await.unwrap(), Ok(vec![Some(10), None]));
    let first = first.await.unwrap();
    assert_eq!((first.value, first.status), (Ok(10), Status::Coalesced));
    let second = second.await.unwrap();
    assert_eq!((second.value, second.status), (Ok(7), Status::Loaded));
    assert_eq!(
        absent.await.unwrap(),
        Ok(vec![None]),
        "that nothing is there is told to those who ask for many"
    );
}

#[tokio::test]
async fn of_those_who_wait_for_many_keys_that_are_given_up_one_loads() {
    let (cache, asked) = (cache(), Asked::default());
    let leader = tokio::spawn({
        let cache = cache.clone();
        async move {
            let load = |_| pending::<Result<[(u64, u64); 0], Infallible>>();
            cache.get_or_load_many(&[1, 2, 3], load).await
        }
    });
    settle().await;
    let others: Vec<_> = (0..10)
        .map(|_| {
            let (cache, asked) = (cache.clone(), asked.clone());
            tokio::spawn(async move {
                let load = |keys| asked.tenfold(keys);
                cache.get_or_load_many(&[3, 2, 1], load).await.unwrap()
            })
        })
        .collect();
    settle().await;
    assert!(asked.seen().is_empty());
    leader.abort();
    for other in others {
        assert_eq!(other.await.unwrap(), [Some(30), Some(20), Some(10)]);
    }
    assert_eq!(asked.seen(), [[3, 2, 1]]);
    assert_eq!(cache.stats().loading, 0);
}

#[tokio::test]
async fn after_a_load_that_panicked_each_key_is_loaded_by_one_who_waited() {
    let (cache, asked) = (cache(), Asked::default());
    let (go, gone) = oneshot::channel::<()>();
    let mut gone = Some(gone);
    let leader = tokio::spawn({
        let cache = cache.clone();
        async move {
            let load = |_| {
                let gone = gone.take();
                async {
                    gone.unwrap().await.unwrap();
                    panic!("boom");
                    #[expect(unreachable_code, reason = "it says what it would bring")]
                    Ok::<[(u64, u64); 0], Infallible>([])
                }
            };
            cache.get_or_load_many(&[1, 2], load).await
        }
    });
    settle().await;
    let other = tokio::spawn({
        let (cache, asked) = (cache.clone(), asked.clone());
        async move {
            let load = |keys| asked.tenfold(keys);
            cache.get_or_load_many(&[1, 2], load).await.unwrap()
        }
    });
    settle().await;
    go.send(()).unwrap();
    assert!(leader.await.unwrap_err().is_panic());
    assert_eq!(other.await.unwrap(), [Some(10), Some(20)]);
    assert_eq!(asked.seen(), [[1], [2]]);
}

#[tokio::test]
async fn an_error_is_that_of_all_who_asked_unless_something_stale_answers() {
    let (toolkit, clock) = toolkit();
    let cache: Cache<u64, u64> = toolkit
        .cache("numbers")
        .stale_if_error(HOUR)
        .build()
        .unwrap();
    let short = Duration::from_secs(1);
    for key in [1, 2] {
        cache.put(&key, key * 10, short).await;
    }
    clock.advance(short);
    let calls = Calls::default();
    let fails = |_| {
        calls.count();
        async { Err::<[(u64, u64); 0], _>("boom") }
    };
    let found = cache.get_or_load_many(&[1, 2], fails).await;
    assert_eq!(found, Ok(vec![Some(10), Some(20)]));
    assert_eq!(cache.stats().stale_hits, 2);

    let (go, gone) = oneshot::channel::<()>();
    let mut gone = Some(gone);
    let batch = tokio::spawn({
        let cache = cache.clone();
        async move {
            let load = |_| {
                let gone = gone.take();
                async {
                    gone.unwrap().await.unwrap();
                    Err::<[(u64, u64); 0], _>("bang")
                }
            };
            cache.get_or_load_many(&[1, 3], load).await
        }
    });
    settle().await;
    let waits = tokio::spawn({
        let cache = cache.clone();
        async move { cache.get_or_load(&3, || async { Err("own") }).await }
    });
    settle().await;
    go.send(()).unwrap();
    assert_eq!(*batch.await.unwrap().unwrap_err(), "bang");
    assert_eq!(*waits.await.unwrap().unwrap_err(), "bang");
    assert_eq!(calls.seen(), 1);
}

#[tokio::test]
async fn what_is_invalidated_while_many_are_loaded_is_not_kept() {
    let cache = cache();
    let load = async |keys: Vec<&u64>| {
        cache.invalidate(&1).await;
        cache.invalidate_tags(&["tag"]).await;
        let keys = keys.into_iter().copied();
        Ok::<_, Infallible>(keys.map(|key| (key, key)).collect::<Vec<_>>())
    };
    let found = cache.get_or_load_many(&[1, 2], load).await;
    assert_eq!(found, Ok(vec![Some(1), Some(2)]));
    assert_eq!(cache.get_many(&[1, 2]).await, [None, Some(2)]);
    let found = cache.entries(&[3]).tags(&["tag"]).get_or_load(load).await;
    assert_eq!(found, Ok(vec![Some(3)]));
    assert_eq!(cache.get(&3).await, None);
}

#[tokio::test]
async fn a_batch_may_have_tags_and_a_ttl_of_its_own_or_go_past_the_cache() {
    let (toolkit, clock) = toolkit();
    let cache: Cache<u64, u64> = toolkit.cache("numbers").build().unwrap();
    let (asked, short) = (Asked::default(), Duration::from_secs(1));
    let load = |keys| asked.tenfold(keys);
    let entries = || cache.entries(&[1, 2]).tags(&["tag"]).ttl(short);
    entries().get_or_load(load).await.unwrap();
    assert_eq!(entries().get().await, [Some(10), Some(20)]);
    clock.advance(short);
    assert_eq!(entries().get().await, [None, None]);
    entries().get_or_load(load).await.unwrap();
    toolkit.invalidate_tags(&["tag"]).await;
    assert_eq!(entries().get().await, [None, None]);
    let found = entries().bypass().get_or_load(load).await;
    assert_eq!(found, Ok(vec![Some(10), Some(20)]));
    assert_eq!(entries().get().await, [None, None]);
    assert_eq!(asked.seen().len(), 3);
    assert_eq!(cache.stats().bypassed, 2);
}

#[tokio::test]
async fn a_load_of_many_may_look_up_one_of_them() {
    let cache = cache();
    let load = async |keys: Vec<&u64>| {
        let one = cache.get_or_load(keys[1], || brings(7)).await.unwrap();
        Ok::<_, Infallible>([(1, one), (2, one + 1)])
    };
    let found = cache.get_or_load_many(&[1, 2], load).await;
    assert_eq!(found, Ok(vec![Some(7), Some(8)]));
}

/// Both take their turns key by key: where they meet, each leads what the other one needs.
#[test]
fn two_batches_that_need_what_the_other_one_loads_do_not_wait_for_ever() {
    const KEYS: u64 = 2_000;
    let mut met = 0;
    for round in 0.. {
        // parts of a tier fill unevenly: what makes room for others would be loaded again
        let builder = toolkit().0.cache("n").capacity(4 * KEYS);
        let cache: Cache<u64, u64> = builder.build().unwrap();
        let (start, asked) = (Barrier::new(2), [Asked::default(), Asked::default()]);
        let run = |which: usize| {
            let mut keys: Vec<u64> = (0..KEYS).collect();
            if which == 1 {
                keys.reverse();
            }
            start.wait();
            let load = async |keys: Vec<&u64>| {
                tokio::task::yield_now().await;
                let keys: Vec<u64> = keys.into_iter().copied().collect();
                asked[which].0.lock().unwrap().push(keys.clone());
                Ok::<_, Infallible>(keys.into_iter().map(|key| (key, key)))
            };
            let found = pollster::block_on(cache.get_or_load_many(&keys, load));
            let keys: Vec<_> = keys.into_iter().map(Some).collect();
            assert_eq!(found.unwrap(), keys);
        };
        std::thread::scope(|threads| {
            threads.spawn(|| run(0));
            run(1);
        });
        let [first, second] = asked.map(|asked| asked.seen().concat());
        assert_eq!(first.len() + second.len(), usize::try_from(KEYS).unwrap());
        assert_eq!(cache.stats().evictions, 0);
        met += usize::from(!first.is_empty() && !second.is_empty());
        if met >= 3 {
            break;
        }
        assert!(round < 100_000, "they never meet");
    }
}
