//! What other caches have and no experiment asked for, where no other test shows it.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http_body_util::Full;
use tests::RedisServer;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_redis::cache::{Cache, CacheStats, Status};
use tower_redis::config::{Settings, Variables};
use tower_redis::testing::ManualClock;
use tower_redis::{Toolkit, cached};

use super::support::{Runs, process, turned_by_hand};

const MINUTE: Duration = Duration::from_secs(60);

#[cached(ttl = 60)]
fn list(id: u64) -> Vec<u64> {
    vec![id]
}

#[tokio::test]
async fn what_a_caller_does_to_its_answer_changes_nothing_that_is_kept() {
    let (_, toolkit) = turned_by_hand();
    toolkit.scope_sync(|| {
        list(1).push(2);
        list(1).push(3);
        assert_eq!(list(1), [1]);
    });
    let cache: Cache<u64, Vec<u64>> = toolkit.cache("lists").build().unwrap();
    cache.put(&1, vec![1], MINUTE).await;
    cache.get(&1).await.unwrap().push(2);
    assert_eq!(cache.get(&1).await, Some(vec![1]));
}

/// A key is neither cut nor replaced by a digest, which could be that of another.
#[tokio::test]
async fn a_key_is_as_long_as_anybody_likes() {
    let server = RedisServer::start();
    let clock = ManualClock::new();
    let [one, other] = [(); 2].map(|()| {
        let cache = process(&server.url(), &clock).cache("texts");
        Cache::<String, u64>::clone(&cache.build().unwrap())
    });
    let long = "x".repeat(1_000_000);
    let keys = [long.clone(), long.clone() + "y", long + "z"];
    for (key, value) in keys.iter().zip(1..) {
        let load = || async move { Ok::<_, Infallible>(value) };
        let found = one.entry(key).get_or_load(load).await;
        assert_eq!((found.value, found.status), (Ok(value), Status::Loaded));
    }
    for (key, value) in keys.iter().zip(1..) {
        for cache in [&one, &other] {
            assert_eq!(cache.get(key).await, Some(value));
        }
    }
    assert_eq!(other.stats().far_hits, 3);
}

#[tokio::test]
async fn two_namespaces_on_one_redis_share_nothing() {
    let server = RedisServer::start();
    let [one, other] = ["one", "other"].map(|namespace| {
        let variables = Variables::from([
            ("REDIS_URL", &*server.url()),
            ("REDIS_NAMESPACE", namespace),
            ("REDIS_TIMEOUT", "10s"),
        ]);
        let settings = Settings::read(&variables).unwrap();
        let toolkit = Toolkit::builder().settings(settings).build().unwrap();
        toolkit.cache::<u64, u64>("numbers").build().unwrap()
    });
    one.put(&1, 1, MINUTE).await;
    assert_eq!(other.get(&1).await, None);
    other.put(&1, 2, MINUTE).await;
    assert_eq!(one.clear().await.dropped, 1);
    assert_eq!((one.get(&1).await, other.get(&1).await), (None, Some(2)));
    assert_eq!(server.cli(&["KEYS", "other:c:*"]).texts().len(), 1);
}

static CALLED: Runs = Runs::new();

#[cached(ttl = 60)]
async fn called(id: u64) -> u64 {
    CALLED.count();
    id
}

/// Asks a function, a cache and a layer of `toolkit` the same thing twice, with so much time in between, and
/// tells how often each had to ask further, and what the three caches counted.
async fn through_each_door(
    toolkit: &Toolkit,
    clock: &ManualClock,
    between: Duration,
) -> ([u64; 3], [CacheStats; 3]) {
    let cache: Cache<u64, u64> = toolkit.cache("n").ttl(MINUTE).build().unwrap();
    let [loads, requests] = [(); 2].map(|()| Arc::new(AtomicU64::new(0)));
    let asked = Arc::clone(&requests);
    let origin = service_fn(move |_: http::Request<()>| {
        asked.fetch_add(1, Ordering::SeqCst);
        let answer = http::Response::builder().header("cache-control", "max-age=60");
        let answer = answer.body(Full::<bytes::Bytes>::from("x"));
        async { Ok::<_, Infallible>(answer.unwrap()) }
    });
    let site = toolkit.cache_layer().layer(origin);
    let before = CALLED.begun() as u64;
    for pause in [between, Duration::ZERO] {
        toolkit.scope(called(1)).await;
        let load = || async { Ok::<_, Infallible>(loads.fetch_add(1, Ordering::SeqCst)) };
        cache.get_or_load(&1, load).await.unwrap();
        let request = http::Request::get("http://example.test/").body(()).unwrap();
        let answer = site.clone().oneshot(request).await.unwrap();
        http_body_util::BodyExt::collect(answer.into_body())
            .await
            .unwrap();
        clock.advance(pause);
    }
    let called = CALLED.begun() as u64 - before;
    let [loads, requests] = [loads, requests].map(|count| count.load(Ordering::SeqCst));
    let stats = toolkit.stats().caches.try_into().unwrap();
    ([called, loads, requests], stats)
}

/// Functions, caches and layers are views of one engine, so what is said to a toolkit is said to them all.
#[tokio::test]
async fn one_toolkit_rules_functions_caches_and_layers_alike() {
    let (clock, toolkit) = turned_by_hand();
    let (asked, stats) = through_each_door(&toolkit, &clock, MINUTE / 2).await;
    assert_eq!(asked, [1; 3]);
    for cache in stats {
        assert_eq!((cache.near_hits, cache.loads), (1, 1), "{}", cache.name);
    }

    let (clock, toolkit) = turned_by_hand();
    let (asked, _) = through_each_door(&toolkit, &clock, MINUTE).await;
    assert_eq!(asked, [2; 3], "each is over after its minute");

    let clock = ManualClock::new();
    let toolkit = Toolkit::builder().clock(clock.clock()).caching(false);
    let toolkit = toolkit.build().unwrap();
    let (asked, stats) = through_each_door(&toolkit, &clock, Duration::ZERO).await;
    assert_eq!(asked, [2; 3]);
    for cache in stats {
        assert_eq!(cache.bypassed, 2, "{}", cache.name);
    }
}
