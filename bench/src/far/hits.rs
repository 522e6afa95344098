//! Far hits: those that the near tier cannot answer.
//!
//! The near tier of these caches holds one entry, and 10,000 keys are asked for in turn, so a key comes
//! back long after its entry has gone; every run holds that all its hits were far and that nothing was
//! loaded. All sides read the same value under the same number of keys and decode it: JSON, but `cached`
//! has its own form (MessagePack).

use std::hint::black_box;
use std::time::Duration;

use cached::{AsyncRedisCache, ConcurrentCachedAsync};
use fred::prelude::{Builder, Client, ClientLike, Config, KeysInterface};
use serde::{Deserialize, Serialize};
use tests::RedisServer;
use tokio::runtime::Runtime;
use tower_redis::cache::{Cache, Status};

use crate::figure::figure;
use crate::harness::{Effort, Table};
use crate::keys::{KEYS, text};
use crate::runtime;

use super::{connection, counted, for_each, toolkit, turning};

const PEER: &str = "redis, GET";
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

pub fn measure(effort: Effort, server: &RedisServer) {
    let (plain, with_tags) = (ours(server, 1), tagged(server, 1));
    counted::one_round_trip(server, plain, with_tags);
    server.cli(&["FLUSHALL"]);
    for_each(effort, |in_flight, effort| {
        let effort = Effort {
            rounds: effort.rounds.max(31),
            ..effort
        };
        let title = format!("far hit, 10,000 keys in turn, {in_flight} in flight");
        let mut table = Table::new(title.as_str(), PEER);
        table.row("tower-redis get", ours(server, in_flight));
        table.row("tower-redis get_or_load, 3 tags", tagged(server, in_flight));
        table.row(PEER, bare(server, in_flight));
        table.row("fred, GET", fred(server, in_flight));
        table.row("cached, AsyncRedisCache", cached(server, in_flight));
        let longer = table.measure_waiting_together(effort);
        let peer = longer.into_iter().find(|(name, _)| *name == PEER);
        // with fewer there is little to join, and what counts is the way there and back
        if let Some((_, times)) = peer.filter(|_| in_flight >= 64) {
            println!();
            figure(&format!("{title}: of {PEER}"), times, "times", 1.0);
        }
        server.cli(&["FLUSHALL"]);
    });
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
