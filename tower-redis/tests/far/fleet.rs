//! One load for all processes.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tower_redis::Toolkit;
use tower_redis::cache::{Cache, Status};
use tower_redis::testing::{FarProcess, FarServer, ManualClock};

use crate::support::{Source, TTL};

struct Process {
    far: FarProcess,
    cache: Cache<u64, u64>,
}

fn processes<const N: usize>() -> (ManualClock, [Process; N]) {
    let clock = ManualClock::new();
    let server = FarServer::new(&clock);
    let process = |()| {
        let far = server.process();
        let builder = Toolkit::builder().clock(clock.clock());
        let toolkit = builder.far(&far).build().unwrap();
        let cache = toolkit.cache("numbers").ttl(TTL).fleet_flight();
        Process {
            far,
            cache: cache.build().unwrap(),
        }
    };
    let all = [(); N].map(process);
    (clock, all)
}

/// Lets all that is ready run, and the messages arrive.
async fn settle<const N: usize>(processes: &[Process; N]) {
    for _ in 0..200 {
        processes.iter().for_each(|process| process.far.beat());
        tokio::task::yield_now().await;
    }
}

type Task = tokio::task::JoinHandle<(Result<u64, Arc<&'static str>>, Status)>;

/// A caller whose load waits for `go`.
fn caller(process: &Process, source: &Source, go: &Arc<Notify>, fails: bool) -> Task {
    let (cache, source, go) = (process.cache.clone(), source.clone(), Arc::clone(go));
    tokio::spawn(async move {
        let load = || async {
            let value = source.ask();
            go.notified().await;
            if fails { Err("away") } else { Ok(value) }
        };
        let found = cache.entry(&1).get_or_load(load).await;
        (found.value, found.status)
    })
}

#[tokio::test]
async fn a_hundred_callers_in_four_processes_run_one_load() {
    let (_clock, all) = processes::<4>();
    let (source, go) = (Source::default(), Arc::new(Notify::new()));
    source.says(7);
    let callers: Vec<_> = (0..100)
        .map(|n| caller(&all[n % 4], &source, &go, false))
        .collect();
    settle(&all).await;
    assert_eq!(source.asked(), 1);
    go.notify_one();
    settle(&all).await;
    let mut far = 0;
    for caller in callers {
        let (value, status) = caller.await.unwrap();
        assert_eq!(value, Ok(7));
        far += usize::from(status == Status::Far);
    }
    assert_eq!(
        (source.asked(), far),
        (1, 3),
        "one of each other process asks Redis"
    );
}

#[tokio::test]
async fn when_a_leader_gives_up_the_next_one_takes_over_at_once() {
    let (_clock, all) = processes::<2>();
    let (source, never, go) = (
        Source::default(),
        Arc::new(Notify::new()),
        Arc::new(Notify::new()),
    );
    let leader = caller(&all[0], &source, &never, false);
    settle(&all).await;
    let next = caller(&all[1], &source, &go, false);
    settle(&all).await;
    assert_eq!(source.asked(), 1);
    leader.abort();
    settle(&all).await;
    assert_eq!(source.asked(), 2);
    go.notify_one();
    assert_eq!(next.await.unwrap().1, Status::Loaded);
}

#[tokio::test]
async fn when_a_load_fails_nobody_queues_for_the_next_failure() {
    let (_clock, all) = processes::<4>();
    let (source, go) = (Source::default(), Arc::new(Notify::new()));
    let callers: Vec<_> = all
        .iter()
        .map(|process| caller(process, &source, &go, true))
        .collect();
    settle(&all).await;
    assert_eq!(source.asked(), 1);
    go.notify_one();
    settle(&all).await;
    assert_eq!(source.asked(), 4, "the other three load at the same time");
    (0..3).for_each(|_| go.notify_one());
    for _ in 0..3 {
        settle(&all).await;
        go.notify_one();
    }
    for caller in callers {
        assert!(caller.await.unwrap().0.is_err());
    }
}

#[tokio::test]
async fn an_invalidation_wakes_those_who_wait_and_they_load_anew() {
    let (_clock, all) = processes::<2>();
    let (source, never, go) = (
        Source::default(),
        Arc::new(Notify::new()),
        Arc::new(Notify::new()),
    );
    let old = caller(&all[0], &source, &never, false);
    settle(&all).await;
    let waits = caller(&all[1], &source, &go, false);
    settle(&all).await;
    source.says(8);
    all[1].cache.invalidate(&1).await;
    settle(&all).await;
    go.notify_one();
    settle(&all).await;
    let (value, status) = waits.await.unwrap();
    assert_eq!((value, status), (Ok(8), Status::Loaded));
    old.abort();
}

/// The one who loads is not heard of any more: the others wait for so long and no longer.
#[tokio::test(start_paused = true)]
async fn when_a_leader_dies_without_a_word_the_next_one_takes_over() {
    let (clock, all) = processes::<2>();
    let (source, never, go) = (
        Source::default(),
        Arc::new(Notify::new()),
        Arc::new(Notify::new()),
    );
    let leader = caller(&all[0], &source, &never, false);
    settle(&all).await;
    let next = caller(&all[1], &source, &go, false);
    settle(&all).await;
    // it cannot reach Redis, so nothing is renewed or given back
    all[0].far.cut_data();
    go.notify_one();
    let (step, mut turned) = (Duration::from_millis(10), Duration::ZERO);
    while source.asked() < 2 {
        clock.advance(step);
        tokio::time::advance(step).await;
        turned += step;
        settle(&all).await;
        assert!(turned < Duration::from_millis(400), "nobody takes over");
    }
    assert_eq!(next.await.unwrap().1, Status::Loaded);
    leader.abort();
}

#[tokio::test(start_paused = true)]
async fn a_slow_leader_is_waited_for() {
    let (clock, all) = processes::<2>();
    let (source, go) = (Source::default(), Arc::new(Notify::new()));
    let leader = caller(&all[0], &source, &go, false);
    settle(&all).await;
    let waits = caller(&all[1], &source, &go, false);
    for _ in 0..50 {
        clock.advance(Duration::from_millis(50));
        tokio::time::advance(Duration::from_millis(50)).await;
        settle(&all).await;
    }
    assert_eq!(source.asked(), 1);
    go.notify_one();
    settle(&all).await;
    assert_eq!(leader.await.unwrap().1, Status::Loaded);
    assert_eq!(waits.await.unwrap().1, Status::Far);
}

#[tokio::test]
async fn while_redis_is_away_each_process_loads_for_itself() {
    let (_clock, all) = processes::<2>();
    all.iter().for_each(|process| process.far.cut_data());
    let (source, go) = (Source::default(), Arc::new(Notify::new()));
    for process in &all {
        let load = || async { Ok::<_, Infallible>(source.ask()) };
        assert!(process.cache.get_or_load(&1, load).await.is_ok());
    }
    assert_eq!(source.asked(), 2);
    drop(go);
}
