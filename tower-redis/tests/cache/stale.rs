//! What is stale answers while it is loaded anew, and when that fails; never longer than it may.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tower_redis::Toolkit;
use tower_redis::cache::{Cache, CacheBuilder, Lookup, Status};
use tower_redis::testing::ManualClock;

use crate::{Calls, brings, settle, toolkit};

const TTL: Duration = Duration::from_secs(10);
const WINDOW: Duration = Duration::from_secs(30);
const MOMENT: Duration = Duration::from_millis(1);

type Answer = Lookup<Result<u64, Arc<&'static str>>>;

fn built(
    set: impl FnOnce(CacheBuilder<u64, u64>) -> CacheBuilder<u64, u64>,
) -> (Cache<u64, u64>, ManualClock) {
    let (toolkit, clock) = toolkit();
    let cache = set(toolkit.cache("n").ttl(TTL)).build().unwrap();
    (cache, clock)
}

async fn detached(cache: &Cache<u64, u64>, loaded: Result<u64, &'static str>) -> Answer {
    let load = move || async move { loaded };
    cache.entry(&1).get_or_load_detached(load).await
}

async fn inline(cache: &Cache<u64, u64>, loaded: Result<u64, &'static str>) -> Answer {
    cache.entry(&1).get_or_load(|| async { loaded }).await
}

#[track_caller]
fn is(found: &Answer, value: u64, status: Status) {
    assert_eq!((found.value.clone(), found.status), (Ok(value), status));
}

#[tokio::test]
async fn who_finds_something_stale_does_not_wait_for_what_replaces_it() {
    let (cache, clock) = built(|cache| cache.stale_while_revalidate(WINDOW));
    detached(&cache, Ok(1)).await.value.unwrap();
    clock.advance(TTL);
    let (go, calls) = (Arc::new(Notify::new()), Calls::default());
    for _ in 0..10 {
        let (go, calls) = (Arc::clone(&go), calls.clone());
        let load = || async move {
            calls.count();
            go.notified().await;
            Ok::<_, Infallible>(2)
        };
        let found = cache.entry(&1).get_or_load_detached(load).await;
        assert_eq!((found.value.unwrap(), found.status), (1, Status::Stale));
        settle().await;
    }
    assert_eq!(calls.seen(), 1, "one loads for all");
    go.notify_one();
    settle().await;
    is(&detached(&cache, Ok(3)).await, 2, Status::Near);
    let stats = cache.stats();
    assert_eq!(
        (stats.stale_hits, stats.refreshes, stats.misses),
        (10, 1, 1)
    );
}

#[tokio::test]
async fn a_load_that_cannot_be_detached_holds_up_nobody_but_who_runs_it() {
    let (cache, clock) = built(|cache| cache.stale_while_revalidate(WINDOW));
    inline(&cache, Ok(1)).await.value.unwrap();
    clock.advance(TTL);
    let go = Arc::new(Notify::new());
    let leader = tokio::spawn({
        let (cache, go) = (cache.clone(), Arc::clone(&go));
        async move {
            let load = || async {
                go.notified().await;
                Ok::<_, Infallible>(2)
            };
            cache.get_or_load(&1, load).await
        }
    });
    settle().await;
    is(&inline(&cache, Ok(3)).await, 1, Status::Stale);
    go.notify_one();
    assert_eq!(leader.await.unwrap(), Ok(2));
    is(&inline(&cache, Ok(3)).await, 2, Status::Near);
}

#[tokio::test]
async fn beyond_the_window_everybody_waits() {
    let (cache, clock) = built(|cache| cache.stale_while_revalidate(WINDOW));
    detached(&cache, Ok(1)).await.value.unwrap();
    clock.advance(TTL + WINDOW - MOMENT);
    is(&detached(&cache, Err("away")).await, 1, Status::Stale);
    settle().await;
    clock.advance(MOMENT);
    is(&detached(&cache, Ok(2)).await, 2, Status::Loaded);
}

#[tokio::test]
async fn what_failed_is_not_tried_again_at_once() {
    let (cache, clock) = built(|cache| {
        cache
            .stale_while_revalidate(WINDOW)
            .throttle(Duration::from_secs(2))
    });
    detached(&cache, Ok(1)).await.value.unwrap();
    clock.advance(TTL);
    let calls = Calls::default();
    let ask = async |calls: &Calls| {
        let calls = calls.clone();
        let load = || async move {
            calls.count();
            Err("away")
        };
        let found = cache.entry(&1).get_or_load_detached(load).await;
        settle().await;
        is(&found, 1, Status::Stale);
    };
    for _ in 0..5 {
        ask(&calls).await;
    }
    assert_eq!(calls.seen(), 1);
    clock.advance(Duration::from_secs(2));
    for _ in 0..5 {
        ask(&calls).await;
    }
    assert_eq!(calls.seen(), 2);
}

#[tokio::test]
async fn a_failed_load_is_answered_by_what_was_there_and_only_for_so_long() {
    let (cache, clock) = built(|cache| cache.stale_if_error(WINDOW));
    inline(&cache, Ok(1)).await.value.unwrap();
    clock.advance(TTL);
    // every second one more failure: none of them lengthens the window
    for second in 0..WINDOW.as_secs() {
        is(&inline(&cache, Err("away")).await, 1, Status::Stale);
        assert_eq!(cache.stats().failed_loads, second + 1);
        clock.advance(Duration::from_secs(1));
    }
    let found = inline(&cache, Err("away")).await;
    assert_eq!(
        (found.value, found.status),
        (Err(Arc::new("away")), Status::Loaded)
    );
    is(&inline(&cache, Ok(2)).await, 2, Status::Loaded);
}

#[tokio::test]
async fn those_who_wait_for_a_load_that_fails_get_what_was_there_too() {
    let (cache, clock) = built(|cache| cache.stale_if_error(WINDOW));
    inline(&cache, Ok(1)).await.value.unwrap();
    clock.advance(TTL);
    let go = Arc::new(Notify::new());
    let callers: Vec<_> = (0..10)
        .map(|_| {
            let (cache, go) = (cache.clone(), Arc::clone(&go));
            tokio::spawn(async move {
                let load = || async {
                    go.notified().await;
                    Err::<u64, _>("away")
                };
                cache.entry(&1).get_or_load(load).await
            })
        })
        .collect();
    settle().await;
    go.notify_one();
    for caller in callers {
        is(&caller.await.unwrap(), 1, Status::Stale);
    }
    assert_eq!(cache.stats().failed_loads, 1);
}

#[tokio::test]
async fn what_was_removed_never_answers_again() {
    for tag in [false, true] {
        let (cache, clock) = built(|cache| {
            cache
                .stale_if_error(WINDOW)
                .stale_while_revalidate(WINDOW)
                .tags_with(|_| vec!["tag".to_owned()])
        });
        inline(&cache, Ok(1)).await.value.unwrap();
        clock.advance(TTL);
        if tag {
            cache.invalidate_tags(&["tag"]).await;
        } else {
            cache.invalidate(&1).await;
        }
        assert!(inline(&cache, Err("away")).await.value.is_err());
        assert!(detached(&cache, Err("away")).await.value.is_err());
    }
}

#[tokio::test]
async fn what_is_removed_while_its_load_fails_does_not_answer() {
    let (cache, clock) = built(|cache| cache.stale_if_error(WINDOW));
    inline(&cache, Ok(1)).await.value.unwrap();
    clock.advance(TTL);
    let removes = || async {
        cache.invalidate(&1).await;
        Err::<u64, _>("away")
    };
    assert!(cache.entry(&1).get_or_load(removes).await.value.is_err());
}

#[tokio::test]
async fn what_has_expired_answers_as_something_stale_does() {
    let (cache, clock) = built(|cache| {
        cache
            .stale_if_error(WINDOW)
            .tags_with(|_| vec!["tag".to_owned()])
    });
    inline(&cache, Ok(1)).await.value.unwrap();
    assert_eq!(cache.expire(&1).await.dropped, 1);
    assert_eq!(cache.get(&1).await, None, "it is not fresh any more");
    is(&inline(&cache, Err("away")).await, 1, Status::Stale);
    clock.advance(WINDOW);
    assert!(inline(&cache, Err("away")).await.value.is_err());
    is(&inline(&cache, Ok(2)).await, 2, Status::Loaded);
    cache.expire_tags(&["tag"]).await;
    assert_eq!(cache.get(&1).await, None);
    is(&inline(&cache, Err("away")).await, 2, Status::Stale);
}

#[tokio::test]
async fn a_load_that_began_before_something_expired_is_not_stored() {
    let (cache, _) = built(|cache| cache.stale_if_error(WINDOW));
    inline(&cache, Ok(1)).await.value.unwrap();
    cache.expire(&1).await;
    let expires = || async {
        cache.expire(&1).await;
        Ok::<_, Infallible>(2)
    };
    assert_eq!(cache.get_or_load(&1, expires).await, Ok(2));
    assert_eq!(cache.get(&1).await, None);
}

#[tokio::test]
async fn without_a_window_to_expire_is_to_remove() {
    let (cache, _) = built(|cache| cache);
    inline(&cache, Ok(1)).await.value.unwrap();
    assert_eq!(cache.expire(&1).await.dropped, 1);
    assert_eq!(cache.stats().entries, 0);
}

#[tokio::test(start_paused = true)]
async fn who_could_have_something_stale_does_not_wait_longer_than_the_soft_timeout() {
    let (cache, clock) = built(|cache| {
        cache
            .stale_if_error(WINDOW)
            .soft_timeout(Duration::from_millis(100))
    });
    detached(&cache, Ok(1)).await.value.unwrap();
    clock.advance(TTL);
    let go = Arc::new(Notify::new());
    let slow = |go: Arc<Notify>| {
        move || async move {
            go.notified().await;
            Ok::<_, Infallible>(2)
        }
    };
    // who loads, and who waits for it
    for _ in 0..2 {
        let load = slow(Arc::clone(&go));
        let found = cache.entry(&1).get_or_load_detached(load).await;
        assert_eq!((found.value.unwrap(), found.status), (1, Status::Stale));
    }
    go.notify_one();
    settle().await;
    is(&detached(&cache, Ok(3)).await, 2, Status::Near);
    assert_eq!(cache.stats().loads, 2);
}

#[test]
fn a_soft_timeout_needs_something_stale() {
    let toolkit = Toolkit::builder().build().unwrap();
    let cache = toolkit.cache::<u64, u64>("soft");
    let error = cache.soft_timeout(WINDOW).build().unwrap_err();
    assert!(
        error.is_config() && error.to_string().contains("stale_if_error"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn who_has_nothing_stale_waits() {
    let (cache, _) = built(|cache| {
        cache
            .stale_if_error(WINDOW)
            .soft_timeout(Duration::from_millis(100))
    });
    let slow = || async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        Ok::<_, Infallible>(1)
    };
    let found = cache.entry(&1).get_or_load_detached(slow).await;
    assert_eq!((found.value.unwrap(), found.status), (1, Status::Loaded));
}

#[tokio::test(start_paused = true)]
async fn a_load_is_dropped_at_its_hard_timeout() {
    use tower_redis::cache::{TimedOut, within};
    let (cache, clock) = built(|cache| cache.stale_if_error(WINDOW));
    let limit = Duration::from_secs(1);
    let load = || within(limit, pending::<Result<u64, TimedOut>>());
    let error = cache.get_or_load(&1, load).await.unwrap_err();
    assert_eq!(error.limit(), limit);
    cache.put(&1, 7, TTL).await;
    clock.advance(TTL);
    let found = cache.entry(&1).get_or_load(load).await;
    assert_eq!((found.value.unwrap(), found.status), (7, Status::Stale));
}

#[tokio::test]
async fn a_call_may_say_more_or_less_than_its_cache() {
    let (cache, clock) = built(|cache| cache.stale_if_error(WINDOW));
    inline(&cache, Ok(1)).await.value.unwrap();
    clock.advance(TTL);
    let fails = || async { Err::<u64, _>("away") };
    let strict = cache.entry(&1).stale_if_error(Duration::ZERO);
    assert!(strict.get_or_load(fails).await.value.is_err());
    let patient = cache.entry(&1).stale_while_revalidate(WINDOW);
    let found = patient.get_or_load_detached(fails).await;
    is(&found, 1, Status::Stale);
}

#[tokio::test]
async fn an_error_is_remembered_where_that_is_asked_for() {
    let (cache, clock) = built(|cache| cache.throttle(Duration::from_secs(2)));
    let calls = Calls::default();
    let ask = async || {
        let load = || async {
            calls.count();
            Err::<u64, _>("away")
        };
        cache.entry(&1).get_or_load(load).await
    };
    assert_eq!(ask().await.status, Status::Loaded);
    for _ in 0..3 {
        let found = ask().await;
        assert_eq!(
            (found.value, found.status),
            (Err(Arc::new("away")), Status::Coalesced)
        );
    }
    assert_eq!(calls.seen(), 1);
    // somebody says that things have changed
    cache.invalidate(&1).await;
    ask().await.value.unwrap_err();
    assert_eq!(calls.seen(), 2);
    clock.advance(Duration::from_secs(2));
    is(&inline(&cache, Ok(1)).await, 1, Status::Loaded);
    assert_eq!(cache.get_or_load(&1, || brings(2)).await, Ok(1));
}

#[tokio::test]
async fn what_was_removed_while_somebody_waited_is_not_told_to_those_who_came_later() {
    let (cache, clock) = built(|cache| cache.stale_if_error(WINDOW));
    inline(&cache, Ok(1)).await.value.unwrap();
    clock.advance(TTL);
    let hangs = {
        let cache = cache.clone();
        tokio::spawn(async move { cache.get_or_load(&1, pending::<Result<u64, &str>>).await })
    };
    settle().await;
    let go = Arc::new(Notify::new());
    let fails = {
        let (cache, go) = (cache.clone(), Arc::clone(&go));
        let load = || async move {
            go.notified().await;
            Err("down")
        };
        tokio::spawn(async move { cache.entry(&1).get_or_load(load).await })
    };
    settle().await;
    cache.invalidate(&1).await;
    // the second one takes over: it began before, and what it waits with is gone
    hangs.abort();
    settle().await;
    let later = {
        let cache = cache.clone();
        tokio::spawn(async move { inline(&cache, Ok(2)).await })
    };
    settle().await;
    go.notify_one();
    assert_eq!(later.await.unwrap().value, Err(Arc::new("down")));
    assert!(fails.await.unwrap().value.is_err());
}
