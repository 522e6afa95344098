//! Limit checks, beside one script.

use std::hint::black_box;

use tests::RedisServer;
use tower_redis::limit::{Algorithm, Basis, Limiter, Policy, Quota};

use crate::harness::{Effort, Table};
use crate::keys::{KEYS, text};
use crate::runtime;

use super::{connection, for_each, toolkit, turning, turning_over};

pub fn measure(effort: Effort, server: &RedisServer) {
    for_each(effort, |in_flight, effort| {
        let title = format!("limit check, GCRA, 10,000 keys in turn, {in_flight} in flight");
        let mut table = Table::new(title, "redis, EVALSHA");
        table.row("tower-redis check", limits(server, in_flight));
        table.row("redis, EVALSHA of the same", same(server, in_flight));
        table.row("redis, EVALSHA", script(server, KEYS, in_flight));
        table.measure_waiting(effort);
        server.cli(&["FLUSHALL"]);
    });
}

/// A permit each microsecond, and so many at once.
pub(super) const RATE: u64 = 1_000_000;
pub(super) const BURST: u64 = 1_000_000_000;
const SAMPLE: &str = "sample";

fn limiter(server: &RedisServer) -> Limiter {
    let quota = Quota::per_second(RATE).burst(BURST);
    let policy = Policy::new("bench", quota).algorithm(Algorithm::Gcra);
    toolkit(server).limiter(&policy).expect("a limiter")
}

fn limits(server: &RedisServer, in_flight: u64) -> impl FnMut(u64) + use<> {
    let limiter = limiter(server);
    turning(runtime(), in_flight, move |n| {
        let limiter = limiter.clone();
        async move {
            let decision = black_box(limiter.check(&text(n)).await);
            assert!(decision.is_allowed() && decision.basis == Basis::Shared);
        }
    })
}

/// The very call that a limiter makes, for other keys: the difference is what stands around it.
fn same(server: &RedisServer, in_flight: u64) -> impl FnMut(u64) + use<> {
    let call = call_of_a_check(server);
    let runtime = runtime();
    let connection = connection(server, &runtime);
    turning(runtime, in_flight, move |n| {
        let mut connection = connection.clone();
        let key = text(n);
        let mut asking = redis::Cmd::new();
        for word in &call {
            if word.contains(SAMPLE) {
                asking.arg(word.replace(SAMPLE, &key));
            } else {
                asking.arg(word);
            }
        }
        async move {
            let answer = asking.query_async(&mut connection).await;
            let numbers: Vec<i64> = answer.expect("a decision");
            black_box(numbers);
        }
    })
}

/// What a limiter sends to check `SAMPLE`, as the server's log of slow calls has it.
fn call_of_a_check(server: &RedisServer) -> Vec<String> {
    let limiter = limiter(server);
    let check = || runtime().block_on(limiter.check(SAMPLE));
    check(); // the script is there from now on
    let slow = |micros: &str| {
        server.cli(&["CONFIG", "SET", "slowlog-log-slower-than", micros]);
        server.cli(&["SLOWLOG", "RESET"]);
    };
    slow("0");
    check();
    let log = server.cli(&["SLOWLOG", "GET", "100"]);
    slow("-1");
    let mut calls = log.items().iter().map(|entry| entry.items()[3].texts());
    let call = calls.find(|call| call[0].eq_ignore_ascii_case("EVALSHA"));
    let call = call.expect("a check is one EVALSHA");
    assert!(call[3].contains(SAMPLE), "{call:?}");
    call
}

/// One policy of one algorithm, with nothing checked: what somebody would write by hand.
const GCRA: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local price, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local paid = tonumber(redis.call('GET', KEYS[1]) or now)
if paid < now then paid = now end
local next = paid + price
local wait = next - now - burst
if wait > 0 then return {0, 0, wait, paid - now} end
redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil((next - now) / 1000))
return {1, math.floor((burst - (next - now)) / price), 0, next - now}
";

pub(super) fn script(server: &RedisServer, keys: usize, in_flight: u64) -> impl FnMut(u64) + use<> {
    let runtime = runtime();
    let connection = connection(server, &runtime);
    let sha = server.cli(&["SCRIPT", "LOAD", GCRA]).text();
    turning_over(keys, runtime, in_flight, move |n| {
        let (mut connection, sha) = (connection.clone(), sha.clone());
        async move {
            let mut asking = redis::cmd("EVALSHA");
            asking.arg(&sha).arg(1).arg(format!("limit:{}", text(n)));
            asking.arg(1_000_000 / RATE).arg(BURST);
            let answer = asking.query_async(&mut connection).await;
            let (allowed, ..): (u8, u64, u64, u64) = answer.expect("a decision");
            assert_eq!(black_box(allowed), 1);
        }
    })
}
