//! What goes to Redis: far hits beside clients and a cache that do less, limit checks beside one script, and
//! messages beside the same bytes sent by a bare client.
//!
//! A far hit is one that the near tier cannot answer. The near tier of these caches holds one entry, and
//! 10,000 keys are asked for in turn, so a key comes back long after its entry has gone; every run holds
//! that all its hits were far and that nothing was loaded. All sides read the same value under the same
//! number of keys, from one server on a unix socket, and decode it: JSON, but `cached` has its own form
//! (MessagePack). Each row has a runtime of its own on this thread and one connection that its tasks share.
//!
//! Time is real time, since waiting for Redis is most of it; besides, the CPU time of this thread, in which
//! everything of a row runs but the listening thread of tower-redis.
//!
//! A message that nobody reads is one PUBLISH and no more, so what is above the bare client's is the price of
//! the connection's supervision: its deadline, its breaker, and its counts.
//!
//! Before anything is measured, a counted run holds that a far hit is one command and one round trip, with
//! three tags that are known as well as with none.

use std::future::Future;
use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cached::{AsyncRedisCache, ConcurrentCachedAsync};
use fred::prelude::{Builder, Client, ClientLike, Config, KeysInterface};
use redis::aio::MultiplexedConnection;
use serde::{Deserialize, Serialize};
use tests::RedisServer;
use tokio::runtime::Runtime;
use tower_redis::Toolkit;
use tower_redis::cache::{Cache, Status};
use tower_redis::config::{Settings, Variables};
use tower_redis::limit::{Algorithm, Basis, Limiter, Policy, Quota};

use crate::harness::{Effort, Table};
use crate::keys::{KEYS, text};
use crate::runtime;

const IN_FLIGHT: [u64; 4] = [1, 16, 64, 256];
const TAGS: [&str; 3] = ["users", "tenant:7", "region:eu"];
const TTL: Duration = Duration::from_secs(3_600);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Profile {
    id: u64,
    name: String,
    email: String,
    roles: Vec<String>,
    active: bool,
}

fn profile(n: usize) -> Profile {
    Profile {
        id: n as u64,
        name: format!("Somebody with the number {n}"),
        email: format!("somebody.{n:07}@example.org"),
        roles: ["reader", "writer", "auditor"].map(str::to_owned).into(),
        active: true,
    }
}

/// A server of our own, which ends with this process.
///
/// # Errors
/// When there is no `redis-server` to start.
pub fn server() -> Result<RedisServer, String> {
    match Command::new("redis-server").arg("--version").output() {
        Ok(_) => Ok(RedisServer::start()),
        Err(error) => Err(format!(
            "cannot run redis-server: {error}; install Redis 6.2 or newer (Debian: apt-get install \
             redis-server), so that it is in PATH"
        )),
    }
}

pub fn measure(effort: Effort, server: &RedisServer) {
    one_round_trip(server);
    for in_flight in IN_FLIGHT {
        let operations = effort.operations / if in_flight == 1 { 80 } else { 20 };
        let effort = Effort {
            operations,
            ..effort
        };
        let title = format!("far hit, 10,000 keys in turn, {in_flight} in flight");
        let mut table = Table::new(title, "redis, GET");
        table.row("tower-redis get", ours(server, in_flight));
        table.row("tower-redis get_or_load, 3 tags", tagged(server, in_flight));
        table.row("redis, GET", bare(server, in_flight));
        table.row("fred, GET", fred(server, in_flight));
        table.row("cached, AsyncRedisCache", cached(server, in_flight));
        table.measure_waiting(effort);
        server.cli(&["FLUSHALL"]);

        let title = format!("limit check, GCRA, 10,000 keys in turn, {in_flight} in flight");
        let mut table = Table::new(title, "redis, EVALSHA");
        table.row("tower-redis check", limits(server, in_flight));
        table.row("redis, EVALSHA of the same", same(server, in_flight));
        table.row("redis, EVALSHA", script(server, in_flight));
        table.measure_waiting(effort);
        server.cli(&["FLUSHALL"]);

        let title = format!("PUBLISH, {in_flight} in flight");
        let mut table = Table::new(title, "redis, PUBLISH");
        table.row("tower-redis bus.publish", publish(server, in_flight));
        table.row("redis, PUBLISH", bare_publish(server, in_flight));
        table.measure_waiting(effort);
    }
}

/// Does `one` for the keys in turn, so many at a time: each call is for the number of a key.
fn turning<F, Fut>(runtime: Runtime, in_flight: u64, one: F) -> impl FnMut(u64)
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
                    one((at % KEYS as u64) as usize).await;
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

fn toolkit(server: &RedisServer) -> Toolkit {
    let url = server.url();
    // no call of a benchmark is to be given up
    let variables = Variables::from([("REDIS_URL", url.as_str()), ("REDIS_TIMEOUT", "10s")]);
    let settings = Settings::read(&variables).expect("settings that can be used");
    let toolkit = Toolkit::builder().settings(settings).build();
    toolkit.expect("a toolkit")
}

/// All keys in Redis, one of them near, tokens known and the feed live.
fn filled(server: &RedisServer, runtime: &Runtime, tags: &[&str]) -> Cache<String, Profile> {
    let toolkit = toolkit(server);
    // each side has entries of its own, with the tags that it names
    let name = if tags.is_empty() { "plain" } else { "tagged" };
    let cache = toolkit.cache(name).ttl(TTL).capacity(1);
    let cache: Cache<String, Profile> = cache.build().expect("a cache");
    runtime.block_on(async {
        for n in 0..KEYS {
            cache.entry(&text(n)).tags(tags).put(profile(n)).await;
        }
        loop {
            let look = cache.entry(&text(0)).tags(tags);
            let found = look.get_or_load(nothing).await;
            // what is near is used as soon as the feed is live
            if found.status == Status::Near {
                break;
            }
            tokio::task::yield_now().await;
        }
    });
    cache
}

/// What is loaded when a key is not in Redis, where all of them are.
async fn nothing() -> Result<Profile, String> {
    Err("a key is not in Redis".to_owned())
}

/// Holds that each of `n` calls was a far hit.
fn all_far<R: FnMut(u64)>(cache: &Cache<String, Profile>, mut run: R) -> impl FnMut(u64) + use<R> {
    let cache = cache.clone();
    // the near tier has the last key that was asked for
    run(KEYS as u64 / 2);
    move |n| {
        let before = cache.stats();
        run(n);
        let after = cache.stats();
        let far = after.far_hits - before.far_hits;
        assert_eq!((far, after.loads), (n, before.loads), "{after:?}");
    }
}

fn ours(server: &RedisServer, in_flight: u64) -> impl FnMut(u64) + use<> {
    let runtime = runtime();
    let cache = filled(server, &runtime, &[]);
    let reader = cache.clone();
    let run = turning(runtime, in_flight, move |n| {
        let cache = reader.clone();
        async move {
            let found = cache.get(&text(n)).await;
            assert!(black_box(found).is_some());
        }
    });
    all_far(&cache, run)
}

fn tagged(server: &RedisServer, in_flight: u64) -> impl FnMut(u64) + use<> {
    let runtime = runtime();
    let cache = filled(server, &runtime, &TAGS);
    let reader = cache.clone();
    let run = turning(runtime, in_flight, move |n| {
        let cache = reader.clone();
        async move {
            let entry = cache.entry(&text(n)).tags(&TAGS);
            let found = entry.get_or_load(nothing).await;
            assert!(black_box(found).value.is_ok());
        }
    });
    all_far(&cache, run)
}

fn connection(server: &RedisServer, runtime: &Runtime) -> MultiplexedConnection {
    let client = redis::Client::open(server.url()).expect("a URL");
    let connecting = client.get_multiplexed_async_connection();
    runtime.block_on(connecting).expect("a connection")
}

/// The keys of those who have no form of their own.
fn plain(n: usize) -> String {
    format!("plain:{}", text(n))
}

fn fill_plain(server: &RedisServer) {
    let mut client = server.client();
    for n in 0..KEYS {
        let json = serde_json::to_string(&profile(n)).expect("JSON");
        client.call(&["SET", &plain(n), &json, "EX", "3600"]);
    }
}

fn bare(server: &RedisServer, in_flight: u64) -> impl FnMut(u64) + use<> {
    fill_plain(server);
    let runtime = runtime();
    let connection = connection(server, &runtime);
    turning(runtime, in_flight, move |n| {
        let mut connection = connection.clone();
        async move {
            let key = plain(n);
            let asking = redis::cmd("GET").arg(&key).to_owned();
            let json: Vec<u8> = asking.query_async(&mut connection).await.expect("a value");
            let found: Profile = serde_json::from_slice(&json).expect("a profile");
            black_box(found);
        }
    })
}

fn fred(server: &RedisServer, in_flight: u64) -> impl FnMut(u64) + use<> {
    fill_plain(server);
    let runtime = runtime();
    let config = Config::from_url(&server.url()).expect("a URL");
    let client: Client = runtime.block_on(async {
        let client = Builder::from_config(config).build().expect("a client");
        client.init().await.expect("a connection");
        client
    });
    turning(runtime, in_flight, move |n| {
        let client = client.clone();
        async move {
            let json: Vec<u8> = client.get(plain(n)).await.expect("a value");
            let found: Profile = serde_json::from_slice(&json).expect("a profile");
            black_box(found);
        }
    })
}

fn cached(server: &RedisServer, in_flight: u64) -> impl FnMut(u64) + use<> {
    let runtime = runtime();
    let cache: AsyncRedisCache<String, Profile> = runtime.block_on(async {
        let builder = AsyncRedisCache::builder("bench").ttl(TTL);
        let cache = builder.connection_string(&server.url()).build().await;
        let cache: AsyncRedisCache<String, Profile> = cache.expect("a cache");
        for n in 0..KEYS {
            let set = cache.async_cache_set(text(n), profile(n)).await;
            set.expect("a value is set");
        }
        cache
    });
    turning(runtime, in_flight, move |n| {
        let cache = cache.clone();
        async move {
            let found = cache.async_cache_get(&text(n)).await;
            assert!(black_box(found).expect("an answer").is_some());
        }
    })
}

const RATE: u64 = 1_000_000;

fn limiter(server: &RedisServer) -> Limiter {
    let quota = Quota::per_second(RATE).burst(RATE);
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

const SAMPLE: &str = "sample";

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

fn script(server: &RedisServer, in_flight: u64) -> impl FnMut(u64) + use<> {
    let runtime = runtime();
    let connection = connection(server, &runtime);
    let sha = server.cli(&["SCRIPT", "LOAD", GCRA]).text();
    turning(runtime, in_flight, move |n| {
        let (mut connection, sha) = (connection.clone(), sha.clone());
        async move {
            let mut asking = redis::cmd("EVALSHA");
            asking.arg(&sha).arg(1).arg(format!("limit:{}", text(n)));
            asking.arg(1_000_000 / RATE).arg(1_000_000);
            let answer = asking.query_async(&mut connection).await;
            let (allowed, ..): (u8, u64, u64, u64) = answer.expect("a decision");
            assert_eq!(black_box(allowed), 1);
        }
    })
}

const CHANNEL: &str = "news";

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
fn bare_publish(server: &RedisServer, in_flight: u64) -> impl FnMut(u64) + use<> {
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

/// Counts what the server is sent for far hits, one at a time.
fn one_round_trip(server: &RedisServer) {
    println!("\n### what a far hit is, counted by the server\n");
    println!("| alternative | far hits | GET | other commands but PING | round trips |");
    println!("|---|---:|---:|---:|---:|");
    counted("tower-redis get", server, ours(server, 1));
    counted("tower-redis get_or_load, 3 tags", server, tagged(server, 1));
    server.cli(&["FLUSHALL"]);
}

fn counted(name: &str, server: &RedisServer, mut run: impl FnMut(u64)) {
    const HITS: u64 = 2_000;
    let mut client = server.client();
    let mut info = |section: &str| client.call(&["INFO", section]).text();
    let before = (commands(&info("commandstats")), reads(&info("stats")));
    run(HITS);
    let after = (commands(&info("commandstats")), reads(&info("stats")));
    let calls = |named: &dyn Fn(&str) -> bool| {
        let sum = |all: &[(String, u64)]| {
            let of = all.iter().filter(|(name, _)| named(name));
            of.map(|(_, calls)| calls).sum::<u64>()
        };
        sum(&after.0) - sum(&before.0)
    };
    let gets = calls(&|name| name == "get");
    let listening = calls(&|name| name == "ping");
    let others = calls(&|name| !["get", "ping", "info"].contains(&name));
    // what the server has read from sockets, less a PING each and the two INFO in between
    let trips = (after.1 - before.1).saturating_sub(listening + 2);
    println!("| {name} | {HITS} | {gets} | {others} | {trips} |");
    assert_eq!((gets, others), (HITS, 0), "a far hit is one GET");
    assert!(
        trips <= HITS,
        "a far hit is one round trip, and not {trips} of {HITS}"
    );
}

/// The calls of each command, from lines like `cmdstat_get:calls=7,usec=..`.
fn commands(info: &str) -> Vec<(String, u64)> {
    let lines = info
        .lines()
        .filter_map(|line| line.strip_prefix("cmdstat_"));
    let counts = lines.filter_map(|line| {
        let (name, rest) = line.split_once(":calls=")?;
        let (calls, _) = rest.split_once(',')?;
        Some((name.to_owned(), calls.parse().ok()?))
    });
    let counts: Vec<_> = counts.collect();
    assert!(!counts.is_empty(), "the server counts no commands:\n{info}");
    counts
}

fn reads(info: &str) -> u64 {
    let field = info
        .lines()
        .find_map(|line| line.strip_prefix("total_reads_processed:"));
    let count = field.and_then(|count| count.trim().parse().ok());
    count.expect("the server counts what it reads, as from Redis 6.0 on")
}
