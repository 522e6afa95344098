//! What is stale in Redis, and what several processes do about it.

use std::convert::Infallible;
use std::time::Duration;

use tower_redis::Toolkit;
use tower_redis::cache::{Cache, CacheBuilder, Fresh, Status};
use tower_redis::testing::{FarProcess, FarServer, ManualClock};

use crate::support::{Source, TTL};

const WINDOW: Duration = Duration::from_secs(30);

struct Process {
    far: FarProcess,
    toolkit: Toolkit,
    cache: Cache<u64, u64>,
}

impl Process {
    fn of(
        server: &FarServer,
        clock: &ManualClock,
        set: impl FnOnce(CacheBuilder<u64, u64>) -> CacheBuilder<u64, u64>,
    ) -> Self {
        let far = server.process();
        let builder = Toolkit::builder().clock(clock.clock());
        let toolkit = builder.far(&far).build().unwrap();
        let cache = set(toolkit.cache("numbers").ttl(TTL)).build().unwrap();
        Self {
            far,
            toolkit,
            cache,
        }
    }

    async fn ask(&self, source: &Source) -> (u64, Status) {
        let load = || async { Ok::<_, Infallible>(source.ask()) };
        let found = self.cache.entry(&1).get_or_load(load).await;
        (found.value.unwrap(), found.status)
    }

    async fn fail(&self) -> Option<(u64, Status)> {
        let load = || async { Err::<u64, _>("away") };
        let found = self.cache.entry(&1).get_or_load(load).await;
        Some((found.value.ok()?, found.status))
    }
}

fn two(
    set: impl Fn(CacheBuilder<u64, u64>) -> CacheBuilder<u64, u64>,
) -> (ManualClock, [Process; 2]) {
    let clock = ManualClock::new();
    let server = FarServer::new(&clock);
    let processes = [(); 2].map(|()| Process::of(&server, &clock, &set));
    (clock, processes)
}

/// Lets `time` pass for processes that hear everything meanwhile.
fn pass(clock: &ManualClock, time: Duration, processes: [&Process; 2]) {
    clock.advance(time);
    processes.iter().for_each(|process| process.far.beat());
}

fn windows(cache: CacheBuilder<u64, u64>) -> CacheBuilder<u64, u64> {
    cache.stale_if_error(WINDOW)
}

#[tokio::test]
async fn what_another_process_loaded_answers_when_the_load_of_this_one_fails() {
    let (clock, [a, b]) = two(windows);
    let source = Source::default();
    source.says(7);
    assert_eq!(a.ask(&source).await, (7, Status::Loaded));
    pass(&clock, TTL + WINDOW - Duration::from_millis(1), [&a, &b]);
    assert_eq!(b.fail().await, Some((7, Status::Stale)));
    pass(&clock, Duration::from_millis(1), [&a, &b]);
    assert_eq!(b.fail().await, None, "nor does it live on in the other one");
    assert_eq!(a.fail().await, None);
}

#[tokio::test]
async fn what_is_stale_in_redis_answers_while_it_is_loaded_anew() {
    let (clock, [a, b]) = two(|cache| cache.stale_while_revalidate(WINDOW));
    let source = Source::default();
    source.says(7);
    a.ask(&source).await;
    pass(&clock, TTL, [&a, &b]);
    source.says(8);
    let load = {
        let source = source.clone();
        || async move { Ok::<_, Infallible>(source.ask()) }
    };
    let found = b.cache.entry(&1).get_or_load_detached(load).await;
    assert_eq!((found.value.unwrap(), found.status), (7, Status::Stale));
    while source.asked() < 2 {
        tokio::task::yield_now().await;
    }
    while b.cache.get(&1).await.is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(b.cache.get(&1).await, Some(8));
}

#[tokio::test]
async fn what_expires_is_stale_for_everybody_and_what_is_removed_is_gone() {
    for tags in [false, true] {
        let (clock, [a, b]) = two(|cache| windows(cache).tags_with(|_| vec!["all".to_owned()]));
        let source = Source::default();
        source.says(7);
        a.ask(&source).await;
        assert_eq!(b.ask(&source).await, (7, Status::Far));
        if tags {
            a.toolkit.expire_tags(&["all"]).await;
        } else {
            a.cache.expire(&1).await;
        }
        for process in [&a, &b] {
            assert_eq!(process.cache.get(&1).await, None);
            assert_eq!(process.fail().await, Some((7, Status::Stale)));
        }
        source.says(8);
        // what failed is tried again
        pass(&clock, Duration::from_secs(1), [&a, &b]);
        assert_eq!(b.ask(&source).await, (8, Status::Loaded));
        assert_eq!(a.ask(&source).await, (8, Status::Far));
        if tags {
            b.toolkit.invalidate_tags(&["all"]).await;
        } else {
            b.cache.invalidate(&1).await;
        }
        for process in [&a, &b] {
            assert_eq!(process.fail().await, None);
        }
    }
}

#[tokio::test]
async fn a_load_that_began_before_something_expired_elsewhere_is_not_stored() {
    let (_clock, [a, b]) = two(windows);
    let source = Source::default();
    a.ask(&source).await;
    a.cache.expire(&1).await;
    let load = || async {
        b.cache.expire(&1).await;
        Ok::<_, Infallible>(9)
    };
    assert_eq!(a.cache.get_or_load(&1, load).await, Ok(9));
    source.says(10);
    assert_eq!(a.ask(&source).await, (10, Status::Loaded));
}

#[tokio::test]
async fn tags_that_come_with_a_value_reach_every_process() {
    let (_clock, [a, b]) = two(|cache| cache);
    let load = |value| {
        move |_| async move {
            let tag = format!("org:{value}");
            Ok::<_, Infallible>(Fresh::new(value).tag(tag))
        }
    };
    a.cache.entry(&1).load_with(load(7)).await.value.unwrap();
    assert_eq!(b.cache.get(&1).await, Some(7));
    b.toolkit.invalidate_tags(&["org:8"]).await;
    assert_eq!(a.cache.get(&1).await, Some(7));
    b.toolkit.invalidate_tags(&["org:7"]).await;
    for process in [&a, &b] {
        assert_eq!(process.cache.get(&1).await, None);
    }
    // invalidated elsewhere before anybody here knew of it
    let late = |_| async {
        b.toolkit.invalidate_tags(&["org:9"]).await;
        Ok::<_, Infallible>(Fresh::new(9).tag("org:9"))
    };
    assert_eq!(a.cache.entry(&1).load_with(late).await.value, Ok(9));
    for process in [&a, &b] {
        assert_eq!(process.cache.get(&1).await, None);
    }
}

/// What was remembered may be what an invalidation was about that this process has missed.
#[tokio::test]
async fn an_error_is_remembered_for_as_long_as_everything_is_heard() {
    let (_clock, [a, b]) = two(|cache| cache.throttle(WINDOW));
    let source = Source::default();
    assert_eq!(a.fail().await, None);
    let spared = async || {
        let load = || async { Ok::<_, &str>(source.ask()) };
        a.cache.entry(&1).get_or_load(load).await.value.is_err()
    };
    assert!(spared().await);
    a.far.cut_feed();
    b.cache.invalidate(&1).await;
    a.far.join_feed();
    assert!(!spared().await);
    assert_eq!(source.asked(), 1);
}

#[tokio::test]
async fn what_is_used_in_one_process_lives_on_for_all() {
    let idle = Duration::from_secs(10);
    let (clock, [a, b]) = two(|cache| cache.ttl(10 * TTL).time_to_idle(idle));
    let source = Source::default();
    a.ask(&source).await;
    for _ in 0..10 {
        pass(&clock, idle / 2, [&a, &b]);
        assert!(a.cache.get(&1).await.is_some());
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }
    assert!(b.cache.get(&1).await.is_some(), "it lies in Redis still");
    pass(&clock, idle, [&a, &b]);
    for process in [&a, &b] {
        assert_eq!(process.cache.get(&1).await, None);
    }
}

#[tokio::test]
async fn a_copy_is_compared_with_redis_again_when_its_own_life_is_over() {
    let near = Duration::from_secs(5);
    let (clock, [a, b]) = two(|cache| cache.near_ttl(near));
    let source = Source::default();
    source.says(7);
    a.ask(&source).await;
    assert_eq!(b.ask(&source).await, (7, Status::Far));
    assert_eq!(b.ask(&source).await, (7, Status::Near));
    pass(&clock, near, [&a, &b]);
    assert_eq!(b.ask(&source).await, (7, Status::Far));
    assert_eq!(b.ask(&source).await, (7, Status::Near));
    assert_eq!(source.asked(), 1);
}
