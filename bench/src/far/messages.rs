//! Messages, beside the same bytes sent by a bare client.
//!
//! A supervised PUBLISH is the same command as the bare client's: what is above that is the price of the
//! supervision, its deadline, its breaker, and its counts. A message on the bus, which nobody reads here, is
//! that and its JSON.
//!
//! Supervision is to cost 5 % at most, or 15 % with 256 calls in flight.

use std::hint::black_box;

use tests::RedisServer;
use tower_redis::bench::Supervised;

use crate::figure::figure;
use crate::harness::{Effort, Table};
use crate::runtime;

use super::{connection, for_each, settings, toolkit, turning};

const CHANNEL: &str = "news";

pub fn measure(effort: Effort, server: &RedisServer) {
    // a difference of a few percent is looked for
    let effort = Effort {
        operations: effort.operations * 5,
        ..effort
    };
    for_each(effort, |in_flight, effort| {
        let title = format!("PUBLISH, {in_flight} in flight");
        let mut table = Table::new(title, "redis, PUBLISH");
        table.row("tower-redis, supervised", supervised(server, in_flight));
        table.row("tower-redis bus.publish", publish(server, in_flight));
        table.row("redis, PUBLISH", bare(server, in_flight));
        let costs = table.measure_waiting(effort);
        let bound = if in_flight <= 64 { 0.05 } else { 0.15 };
        let what = format!("supervision, {in_flight} in flight: of a call");
        figure(&what, 100.0 * costs, "%", 100.0 * bound);
    });
}

fn supervised(server: &RedisServer, in_flight: u64) -> impl FnMut(u64) + use<> {
    let settings = settings(server).redis.expect("a server");
    let server = Supervised::new(&settings);
    turning(runtime(), in_flight, move |n| {
        let server = server.clone();
        async move {
            let sent = server.publish(CHANNEL, &n.to_string()).await;
            black_box(sent).expect("it is sent");
        }
    })
}

fn publish(server: &RedisServer, in_flight: u64) -> impl FnMut(u64) + use<> {
    let bus = toolkit(server).bus().clone();
    turning(runtime(), in_flight, move |n| {
        let bus = bus.clone();
        async move {
            let readers = bus.publish(CHANNEL, &n).await;
            assert_eq!(black_box(readers).expect("it is sent"), 0);
        }
    })
}

/// The same bytes.
fn bare(server: &RedisServer, in_flight: u64) -> impl FnMut(u64) + use<> {
    let runtime = runtime();
    let connection = connection(server, &runtime);
    turning(runtime, in_flight, move |n| {
        let mut connection = connection.clone();
        async move {
            let mut asking = redis::cmd("PUBLISH");
            asking.arg(CHANNEL).arg(n.to_string());
            let answer = asking.query_async(&mut connection).await;
            let readers: i64 = answer.expect("it is sent");
            assert_eq!(black_box(readers), 0);
        }
    })
}
