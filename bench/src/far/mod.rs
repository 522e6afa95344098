//! What goes to Redis, beside clients and a cache that do less.
//!
//! All sides of a table ask one server on a unix socket. Each row has a runtime of its own on this thread
//! and one connection that its tasks share. Time is real time, since waiting for Redis is most of it;
//! besides, the CPU time of this thread, in which everything of a row runs but the listening thread of
//! tower-redis.

mod checks;
mod counted;
mod hits;
mod hot;
mod messages;

use std::future::Future;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use redis::aio::MultiplexedConnection;
use tests::{RedisOptions, RedisServer};
use tokio::runtime::Runtime;
use tower_redis::Toolkit;
use tower_redis::config::{Settings, Variables};

use crate::harness::Effort;
use crate::keys::KEYS;

pub use checks::measure as checks;
pub use hits::measure as hits;
pub use hot::measure as hot;
pub use messages::measure as messages;

const IN_FLIGHT: [u64; 4] = [1, 16, 64, 256];

/// A server of our own, which ends with this process.
///
/// # Errors
/// When there is no `redis-server` to start.
pub fn server() -> Result<RedisServer, String> {
    match Command::new("redis-server").arg("--version").output() {
        Ok(_) => Ok(RedisOptions::new().open().start()),
        Err(error) => Err(format!(
            "cannot run redis-server: {error}; install Redis 6.2 or newer (Debian: apt-get install \
             redis-server), so that it is in PATH"
        )),
    }
}

/// What is done for each number of calls in flight.
fn for_each(effort: Effort, measure: impl Fn(u64, Effort)) {
    for in_flight in IN_FLIGHT {
        let operations = effort.operations / if in_flight == 1 { 80 } else { 20 };
        // or most of a run would be tasks that start and tasks that end, with fewer than that in flight
        let operations = operations.max(64 * in_flight);
        let effort = Effort {
            operations,
            ..effort
        };
        measure(in_flight, effort);
    }
}

/// Does `one` for the keys in turn, so many at a time: each call is for the number of a key.
fn turning<F, Fut>(runtime: Runtime, in_flight: u64, one: F) -> impl FnMut(u64)
where
    F: Fn(usize) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = ()> + Send,
{
    turning_over(KEYS, runtime, in_flight, one)
}

/// The same for so many keys.
fn turning_over<F, Fut>(keys: usize, runtime: Runtime, in_flight: u64, one: F) -> impl FnMut(u64)
where
    F: Fn(usize) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = ()> + Send,
{
    let turn = Arc::new(AtomicU64::new(0));
    move |n| {
        let end = turn.load(Ordering::Relaxed) + n;
        let mut tasks = Vec::new();
        for _ in 0..in_flight {
            let (turn, one) = (Arc::clone(&turn), one.clone());
            tasks.push(runtime.spawn(async move {
                loop {
                    let at = turn.fetch_add(1, Ordering::Relaxed);
                    if at >= end {
                        break;
                    }
                    one((at % keys as u64) as usize).await;
                }
            }));
        }
        runtime.block_on(async {
            for task in tasks {
                task.await.expect("a task that ends");
            }
        });
        turn.store(end, Ordering::Relaxed);
    }
}

fn settings(server: &RedisServer) -> Settings {
    let url = server.url();
    // no call of a benchmark is to be given up
    let variables = Variables::from([("REDIS_URL", url.as_str()), ("REDIS_TIMEOUT", "10s")]);
    Settings::read(&variables).expect("settings that can be used")
}

fn toolkit(server: &RedisServer) -> Toolkit {
    let toolkit = Toolkit::builder().settings(settings(server)).build();
    toolkit.expect("a toolkit")
}

fn connection(server: &RedisServer, runtime: &Runtime) -> MultiplexedConnection {
    let client = redis::Client::open(server.url()).expect("a URL");
    let connecting = client.get_multiplexed_async_connection();
    runtime.block_on(connecting).expect("a connection")
}
