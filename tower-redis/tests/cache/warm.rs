//! Keys are loaded before anybody asks for them.

use std::convert::Infallible;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::stream;
use tokio::sync::{oneshot, watch};
use tower_redis::cache::{Cache, Status};

use crate::{Calls, HOUR, brings, cache, settle, toolkit};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn keys_are_loaded_a_few_at_a_time_with_progress() {
    let cache = cache();
    cache.put(&3, 33, HOUR).await;
    let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let load = async |key: u64| {
        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        tokio::time::sleep(SECOND).await;
        now.fetch_sub(1, Ordering::SeqCst);
        match key {
            5 => Err("boom"),
            6 => panic!("boom"),
            key => Ok(key * 10),
        }
    };
    let told = Arc::<Mutex<Vec<(u64, Option<u64>)>>>::default();
    let tells = Arc::clone(&told);
    let warm = cache.warm(0..10).concurrency(4).progress(move |warmed| {
        tells.lock().unwrap().push((warmed.done(), warmed.total));
        assert!(warmed.done() < 10, "a panic in here is nobody else's");
    });
    let warmed = warm.run(load).await;
    assert_eq!((warmed.loaded, warmed.failed, warmed.skipped), (7, 2, 1));
    assert_eq!((warmed.found, warmed.done()), (0, 10));
    assert_eq!(most.into_inner(), 4);
    let steps: Vec<_> = (1..=10).map(|done| (done, Some(10))).collect();
    assert_eq!(*told.lock().unwrap(), steps);
    assert_eq!(
        cache.get_many(&[2, 3, 5, 6]).await,
        [Some(20), Some(33), None, None]
    );
    let stats = cache.stats();
    assert_eq!((stats.loads, stats.failed_loads), (9, 2));
    assert_eq!(stats.loading, 0);
    assert_eq!((stats.near_hits, stats.misses), (2, 2), "only those above");
}

#[tokio::test]
async fn keys_may_come_from_a_stream_and_one_at_a_time() {
    let cache = cache();
    let keys = || stream::iter([1, 2]);
    let warmed = cache.warm_stream(keys).run(brings).await;
    assert_eq!((warmed.loaded, warmed.total), (2, Some(2)));
    let names: Cache<String, u64> = toolkit().0.cache("names").build().unwrap();
    let warmed = names.warm(["a", "b"]).run(|_| brings(7)).await;
    assert_eq!(warmed.loaded, 2);
    assert_eq!(names.get("b").await, Some(7));
}

#[tokio::test]
async fn who_asks_for_a_key_that_is_being_warmed_waits_for_that_load() {
    for given_up in [false, true] {
        let (cache, calls) = (cache(), Calls::default());
        let (go, gone) = watch::channel(false);
        let warming = tokio::spawn({
            let (cache, calls) = (cache.clone(), calls.clone());
            async move {
                let load = |key| {
                    let mut gone = gone.clone();
                    calls.count();
                    async move {
                        gone.wait_for(|go| *go).await.unwrap();
                        brings(key * 10).await
                    }
                };
                cache.warm([1]).run(load).await
            }
        });
        settle().await;
        assert_eq!(calls.seen(), 1);
        let request = tokio::spawn({
            let cache = cache.clone();
            async move { cache.entry(&1).get_or_load(|| brings(7)).await }
        });
        settle().await;
        if given_up {
            warming.abort();
            let found = request.await.unwrap();
            assert_eq!((found.value, found.status), (Ok(7), Status::Loaded));
        } else {
            go.send(true).unwrap();
            let found = request.await.unwrap();
            assert_eq!((found.value, found.status), (Ok(10), Status::Coalesced));
            assert_eq!(warming.await.unwrap().loaded, 1);
        }
    }
}

#[tokio::test]
async fn a_warm_up_takes_up_no_key_while_requests_load() {
    let (cache, calls) = (cache(), Calls::default());
    let request = |key: u64| {
        let (go, gone) = oneshot::channel::<()>();
        let cache = cache.clone();
        let task = tokio::spawn(async move {
            let load = || async move {
                gone.await.unwrap();
                brings(key).await
            };
            cache.get_or_load(&key, load).await.unwrap()
        });
        (go, task)
    };
    let (first_go, first) = request(100);
    settle().await;
    let (next, turns) = watch::channel(0);
    let warming = tokio::spawn({
        let (cache, calls) = (cache.clone(), calls.clone());
        async move {
            let load = |key: u64| {
                let (calls, mut turns) = (calls.clone(), turns.clone());
                async move {
                    let nth = calls.count();
                    turns.wait_for(|turn| *turn >= nth).await.unwrap();
                    brings(key).await
                }
            };
            cache.warm(0..4).run(load).await
        }
    });
    settle().await;
    assert_eq!(calls.seen(), 0, "a request loads");
    first_go.send(()).unwrap();
    first.await.unwrap();
    settle().await;
    assert_eq!(calls.seen(), 1);

    // what it has begun goes on, and nothing is begun after it
    let (second_go, second) = request(101);
    let (third_go, third) = request(102);
    settle().await;
    next.send(4).unwrap();
    settle().await;
    assert_eq!(cache.get(&0).await, Some(0));
    assert_eq!(calls.seen(), 1);
    second_go.send(()).unwrap();
    second.await.unwrap();
    settle().await;
    assert_eq!(calls.seen(), 1, "another one still loads");
    // a load that is given up is over as well
    third.abort();
    assert!(third.await.unwrap_err().is_cancelled());
    drop(third_go);
    assert_eq!(warming.await.unwrap().loaded, 4);
    assert_eq!(calls.seen(), 4);
}

#[tokio::test]
async fn keys_that_are_fresh_leave_others_their_turn() {
    let cache = cache();
    cache.put(&1, 1, HOUR).await;
    let warming = tokio::spawn({
        let cache = cache.clone();
        async move { cache.warm(std::iter::repeat_n(1, 10_000)).run(brings).await }
    });
    let mut turns = 0;
    while !warming.is_finished() {
        tokio::task::yield_now().await;
        turns += 1;
    }
    assert_eq!(warming.await.unwrap().skipped, 10_000);
    assert!(turns >= 100, "{turns}");
}

#[tokio::test(start_paused = true)]
async fn a_load_that_hangs_holds_up_a_warm_up_for_a_second_a_key() {
    let cache = cache();
    let hangs = cache.get_or_load(&100, pending::<Result<u64, Infallible>>);
    let warmed = async {
        let mut warmed = std::pin::pin!(cache.warm([1, 2]).run(brings));
        let early = tokio::time::timeout(2 * SECOND - Duration::from_millis(1), &mut warmed).await;
        assert!(early.is_err(), "it stands back");
        tokio::time::timeout(SECOND, warmed).await.unwrap()
    };
    tokio::select! {
        biased;
        _ = hangs => panic!("it hangs"),
        warmed = warmed => assert_eq!(warmed.loaded, 2),
    }
}

#[tokio::test]
async fn a_load_may_warm_other_keys() {
    let cache = cache();
    let load = || async {
        let warmed = cache.warm([2, 3]).run(brings).await;
        brings(warmed.loaded).await
    };
    assert_eq!(cache.get_or_load(&1, load).await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn a_warm_up_goes_on_until_it_is_stopped() {
    let ends: [fn(tower_redis::cache::Warming); 2] = [|warming| warming.stop(), drop];
    for end in ends {
        let (toolkit, clock) = toolkit();
        let cache: Cache<u64, u64> = toolkit.cache("n").ttl(10 * SECOND).build().unwrap();
        let calls = Calls::default();
        let counted = calls.clone();
        let warm = cache.warm([1, 2]).every(10 * SECOND).jitter(0.5);
        let warming = warm.start(move |key| {
            counted.count();
            brings(key)
        });
        let warming = warming.unwrap();
        settle().await;
        assert_eq!(calls.seen(), 2, "at once");
        tokio::time::sleep(5 * SECOND - Duration::from_millis(1)).await;
        clock.advance(10 * SECOND);
        settle().await;
        assert_eq!(calls.seen(), 2, "not before half of the interval");
        tokio::time::sleep(5 * SECOND + Duration::from_millis(2)).await;
        settle().await;
        assert_eq!(calls.seen(), 4);
        end(warming);
        clock.advance(10 * SECOND);
        tokio::time::sleep(100 * SECOND).await;
        assert_eq!(calls.seen(), 4);
    }
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_ends_a_warm_up_and_waits_for_none() {
    let (toolkit, _) = toolkit();
    let cache: Cache<u64, u64> = toolkit.cache("n").build().unwrap();
    let never = |_| pending::<Result<u64, &str>>();
    let warm = || cache.warm([1]).every(SECOND);
    let warming = warm().start(never).unwrap();
    settle().await;
    assert_eq!(cache.stats().loading, 1);
    toolkit.shutdown(100 * SECOND).await;
    assert_eq!(cache.stats().loading, 0);
    drop(warming);
    let error = warm().start(never).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the warm-up of cache `n`: there is nothing that could run it; expected a call from within a Tokio \
         runtime, before the toolkit is shut down"
    );
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let cache = cache();
    let error = cache.warm([1]).every(Duration::ZERO).start(brings);
    assert_eq!(
        error.unwrap_err().to_string(),
        "the warm-up of cache `numbers`: the interval is zero; expected a duration greater than zero"
    );
    for part in [-0.1, 1.1, f64::NAN] {
        let error = cache.warm([1]).every(SECOND).jitter(part).start(brings);
        assert_eq!(
            error.unwrap_err().to_string(),
            "the warm-up of cache `numbers`: the jitter is no part; expected a number from 0 to 1"
        );
    }
}

#[tokio::test]
async fn where_caching_is_off_nothing_is_warmed() {
    let toolkit = tower_redis::Toolkit::builder().caching(false);
    let cache: Cache<u64, u64> = toolkit.build().unwrap().cache("n").build().unwrap();
    let warmed = cache.warm([1, 2]).run(brings).await;
    assert_eq!((warmed.skipped, warmed.done()), (2, 2));
}
