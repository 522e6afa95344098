//! Callers on one runtime, on several, on none, and on odd ones.

use std::future::pending;
use std::sync::Arc;

use tests::{RedisServer, eventually};
use tokio::runtime::{Builder, Runtime};

use super::{LONG, ping, pong, wire, wire_to};
use crate::clock::Clock;
use crate::config::RedisSettings;
#[cfg(feature = "macros")]
use crate::wire::apart::apart;
use crate::wire::handle::Wire;
use crate::wire::lane::Lane;

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

async fn answers(wire: &Wire) {
    for lane in [Lane::Cache, Lane::Control] {
        assert_eq!(wire.one(lane, ping()).await.unwrap(), pong());
    }
}

/// Connections that are not the test's own.
fn connections(server: &RedisServer) -> u64 {
    let all: u64 = server.info("connected_clients").parse().unwrap();
    all - 1
}

#[test]
fn runtimes_come_and_go() {
    let server = RedisServer::start();
    let wire = wire(&server);
    let one = multi_thread();
    one.block_on(answers(&wire));
    assert_eq!(connections(&server), 2);
    for _ in 0..3 {
        let other = current_thread();
        other.block_on(answers(&wire));
        assert_eq!(connections(&server), 4);
        drop(other);
        eventually("its connections have gone with it", || {
            connections(&server) == 2
        });
    }
    one.block_on(answers(&wire));
    assert_eq!(wire.state().timeouts, 0);
}

#[test]
fn no_runtime_is_needed() {
    let server = RedisServer::start();
    let wire = wire(&server);
    pollster::block_on(answers(&wire));
    let batch = pollster::block_on(wire.batch(Lane::Cache, vec![ping()]));
    assert_eq!(batch.unwrap().pop().unwrap().unwrap(), pong());
    // all of it on the home thread's two
    assert_eq!(connections(&server), 2);
}

/// What callers that are not async do, here in a task of a runtime.
#[cfg(feature = "macros")]
#[test]
fn a_task_may_block_on_a_call() {
    let server = RedisServer::start();
    let wire = wire(&server);
    for runtime in [current_thread(), multi_thread()] {
        let wire = wire.clone();
        let task = async move {
            // more than a task may do at a time
            for _ in 0..300 {
                let _apart = apart();
                pollster::block_on(answers(&wire));
            }
        };
        runtime.block_on(runtime.spawn(task)).unwrap();
    }
    // all of it at home
    assert_eq!(connections(&server), 2);
}

#[test]
fn a_panic_at_home_is_an_error_of_its_caller() {
    let server = RedisServer::start();
    let wire = wire(&server);
    let panics = wire.at_home(async { std::panic::panic_any(7_u8) });
    let error = pollster::block_on(panics).unwrap_err();
    assert!(error.is_unavailable());
    pollster::block_on(answers(&wire));
}

#[test]
fn a_runtime_without_io_is_served_from_home() {
    let server = RedisServer::start();
    let wire = wire(&server);
    let bare = Builder::new_current_thread().build().unwrap();
    bare.block_on(answers(&wire));
    bare.block_on(answers(&wire));
    assert_eq!(connections(&server), 2);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_a_test_pauses_ends_no_call() {
    let server = RedisServer::start();
    let wire = wire(&server);
    for _ in 0..20 {
        answers(&wire).await;
    }
}

#[test]
fn there_are_never_more_connections_than_allowed() {
    let server = RedisServer::start();
    let mut settings = RedisSettings::of(&server.url(), LONG);
    settings.max_connections = 8;
    let wire = Wire::new(&settings, &Clock::system());
    // eight are five and one pair: the second runtime shares those of the home thread
    let runtimes = [multi_thread(), current_thread(), current_thread()];
    for runtime in &runtimes {
        runtime.block_on(answers(&wire));
    }
    assert_eq!(connections(&server), 4);
    for runtime in runtimes {
        runtime.block_on(answers(&wire));
    }
    let next = current_thread();
    eventually(
        "a runtime that came later gets what another one left",
        || {
            next.block_on(answers(&wire));
            connections(&server) == 4
        },
    );
}

#[test]
fn the_home_thread_ends_with_the_last_handle() {
    struct Tell(std::sync::mpsc::Sender<Option<String>>);
    impl Drop for Tell {
        fn drop(&mut self) {
            let thread = std::thread::current().name().map(str::to_owned);
            let _ = self.0.send(thread);
        }
    }
    let server = RedisServer::start();
    let wire = wire_to(&server.url(), LONG);
    let (tell, told) = std::sync::mpsc::channel();
    let held = Tell(tell);
    wire.spawn(async move {
        let _held = held;
        pending::<()>().await;
    });
    pollster::block_on(answers(&wire));
    let other = wire.clone();
    drop(wire);
    assert!(told.try_recv().is_err());
    drop(other);
    assert_eq!(told.recv().unwrap().as_deref(), Some("tower-redis"));
    eventually("no connection is left", || connections(&server) == 0);
}

#[test]
fn the_last_handle_may_be_dropped_at_home() {
    let server = RedisServer::start();
    let wire = wire(&server);
    pollster::block_on(answers(&wire));
    let held = Arc::new(std::sync::Mutex::new(Some(wire.clone())));
    let taken = Arc::clone(&held);
    let (tell, told) = std::sync::mpsc::channel();
    wire.spawn(async move {
        tokio::task::yield_now().await;
        let last = taken.lock().unwrap().take();
        drop(last);
        tell.send(()).unwrap();
    });
    told.recv().unwrap();
    drop(wire);
    eventually("no connection is left", || connections(&server) == 0);
}
