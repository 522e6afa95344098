//! Many keys by one call, in several processes.

use std::convert::Infallible;

use tests::{Proxy, RedisServer, Target, eventually_async};
use tower_redis::cache::{Cache, Status};
use tower_redis::testing::ManualClock;

use super::in_redis::process;
use super::support::{Process, TTL, two};

async fn tenfold(keys: Vec<&u64>) -> Result<Vec<(u64, u64)>, Infallible> {
    Ok(keys.into_iter().map(|key| (*key, key * 10)).collect())
}

#[tokio::test]
async fn many_keys_are_looked_up_leased_and_filled_in_a_round_trip_each() {
    const KEYS: u64 = 200;
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let clock = ManualClock::new();
    let toolkits = [(); 2].map(|()| process(&proxy.url(), &clock));
    let caches = toolkits.each_ref().map(|toolkit| {
        let cache = toolkit.cache("numbers").ttl(TTL).capacity(1_000);
        let cache: Cache<u64, u64> = cache.build().unwrap();
        cache
    });
    for (cache, other) in caches.iter().zip([100_000, 200_000]) {
        eventually_async("the feed is live, and the token known", || async move {
            let load = || async { Ok::<_, Infallible>(other) };
            cache.get_or_load(&other, load).await.unwrap();
            cache.entry(&other).get_or_load(load).await.status == Status::Near
        })
        .await;
    }
    let keys: Vec<u64> = (0..KEYS).collect();
    let all: Vec<_> = keys.iter().map(|key| Some(key * 10)).collect();

    let before = proxy.counts();
    let loaded = caches[0].get_or_load_many(&keys, tenfold).await;
    assert_eq!(loaded.unwrap(), all);
    let passed = proxy.counts().since(&before);
    let pings = passed.command("PING") + passed.command("TIME");
    assert!(passed.round_trips <= 3 + pings, "{passed:?}");
    assert_eq!(passed.command("GET"), KEYS, "{passed:?}");
    assert_eq!(caches[0].stats().far_failures, 0);

    let before = proxy.counts();
    let load = |_| async { Err::<[(u64, u64); 0], _>("all of them are there") };
    let found = caches[1].get_or_load_many(&keys, load).await;
    assert_eq!(found.unwrap(), all);
    let passed = proxy.counts().since(&before);
    let pings = passed.command("PING") + passed.command("TIME");
    assert_eq!(passed.all_commands(), KEYS + pings, "{passed:?}");
    assert!(passed.round_trips <= 1 + pings, "{passed:?}");
    assert_eq!(caches[1].stats().far_hits, KEYS);
}

#[tokio::test]
async fn what_another_process_invalidates_while_many_are_loaded_is_not_kept() {
    let (_clock, _server, a, b) = two();
    let (cache, other) = (&a.cache, &b.cache);
    let load = async |keys: Vec<&u64>| {
        other.invalidate(&1).await;
        tenfold(keys).await
    };
    let found = cache.get_or_load_many(&[1, 2], load).await.unwrap();
    assert_eq!(found, [Some(10), Some(20)]);
    assert_eq!(cache.get_many(&[1, 2]).await, [None, Some(20)]);
    assert_eq!(other.get_many(&[1, 2]).await, [None, Some(20)]);
}

#[tokio::test]
async fn while_redis_is_away_many_keys_are_loaded_all_the_same() {
    let (_clock, _server, a, b) = two();
    b.cache.get_or_load_many(&[1], tenfold).await.unwrap();
    a.far.cut_data();
    let found = a.cache.get_or_load_many(&[1, 2], tenfold).await.unwrap();
    assert_eq!(found, [Some(10), Some(20)]);
    let stats = a.cache.stats();
    assert_eq!((stats.loads, stats.far_hits), (1, 0));
    a.far.join_data();
}

#[tokio::test]
async fn many_keys_are_not_waited_for_that_another_process_loads_for_all() {
    let (clock, server, _, _) = two();
    let caches = [(); 2].map(|()| {
        let process = Process::new(&server, &clock);
        let cache = process.toolkit.cache::<u64, u64>("for all").ttl(TTL);
        (cache.fleet_flight().build().unwrap(), process)
    });
    let [(first, _a), (second, _b)] = &caches;
    let load = async || {
        let found = second.get_or_load_many(&[1], tenfold).await.unwrap();
        assert_eq!(found, [Some(10)]);
        Ok::<_, Infallible>(7)
    };
    assert_eq!(first.get_or_load(&1, load).await.unwrap(), 7);
    assert_eq!(second.stats().loads, 1);
}

#[tokio::test]
async fn a_warm_up_brings_what_redis_has_and_loads_what_it_has_not() {
    let (_clock, _server, a, b) = two();
    b.cache.get_or_load_many(&[1, 2], tenfold).await.unwrap();
    let load = async |key: u64| Ok::<_, Infallible>(key * 100);
    let warmed = a.cache.warm(1..=3).run(load).await;
    assert_eq!((warmed.found, warmed.loaded), (2, 1));
    let found = a.cache.get_many(&[1, 2, 3]).await;
    assert_eq!(found, [Some(10), Some(20), Some(300)]);
    assert_eq!(a.cache.stats().near_hits, 3);
}
