//! A Redis that is away.

use tests::{RedisServer, eventually_async};
use tower_redis::cache::Status;
use tower_redis::cached;
use tower_redis::testing::ManualClock;

use super::support::{Runs, process};

static RESTARTED: Runs = Runs::new();

#[cached(ttl = 60)]
async fn through_a_restart(id: u64) -> Result<u64, String> {
    RESTARTED.count();
    Ok(id)
}

/// Elsewhere: an error for every call from then on, and the function never runs again.
#[tokio::test]
async fn x9_a_restart_of_redis_fails_no_call_and_is_over_when_it_is_over() {
    let mut server = RedisServer::start();
    let clock = ManualClock::new();
    let processes = [(); 2].map(|()| process(&server.url(), &clock));
    assert_eq!(processes[0].scope(through_a_restart(1)).await, Ok(1));
    let found = processes[1].scope(through_a_restart::lookup(1)).await;
    assert_eq!((found.value, found.status), (Ok(1), Status::Far));

    server.kill();
    for id in 2..10 {
        let ran = RESTARTED.begun();
        assert_eq!(processes[0].scope(through_a_restart(id)).await, Ok(id));
        assert_eq!(RESTARTED.begun(), ran + 1);
    }

    server.restart();
    let mut id = 10;
    eventually_async("what one has loaded the other finds again", || {
        id += 1;
        let (one, other) = (&processes[0], &processes[1]);
        async move {
            assert_eq!(one.scope(through_a_restart(id)).await, Ok(id));
            let found = other.scope(through_a_restart::lookup(id)).await;
            assert_eq!(found.value, Ok(id));
            found.status == Status::Far
        }
    })
    .await;
}

static NEVER_THERE: Runs = Runs::new();

#[cached(ttl = 60)]
async fn without_redis(id: u64) -> u64 {
    NEVER_THERE.count();
    id * 2
}

/// Elsewhere: a panic.
#[tokio::test]
async fn x10_a_redis_that_is_away_at_the_first_call_is_no_panic_and_used_once_it_comes() {
    let mut server = RedisServer::start();
    server.kill();
    let clock = ManualClock::new();
    let processes = [(); 2].map(|()| process(&server.url(), &clock));
    assert_eq!(processes[0].scope(without_redis(1)).await, 2);
    assert_eq!(processes[0].scope(without_redis(1)).await, 2);
    assert_eq!(NEVER_THERE.begun(), 1, "it is kept here meanwhile");

    server.restart();
    let mut id = 1;
    eventually_async("it is used", || {
        id += 1;
        let (one, other) = (&processes[0], &processes[1]);
        async move {
            one.scope(without_redis(id)).await;
            other.scope(without_redis::lookup(id)).await.status == Status::Far
        }
    })
    .await;
}
