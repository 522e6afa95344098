use serde_json::{Value, json};
use tests::canary::{assert_unheard, canary};
use tests::http::StatusCode;
use tests::{RedisOptions, RedisServer, eventually_async};

use crate::fleet::{Demo, Fleet};

async fn is(demo: &Demo, state: &str) {
    eventually_async(state, || async {
        let answer = demo.get("/api/health/redis").await.ok();
        if answer == json!({ "redis": state }) {
            Ok(())
        } else {
            Err(answer)
        }
    })
    .await;
}

#[tokio::test]
async fn it_is_told_who_is_there_and_who_is_not() {
    let mut fleet = Fleet::of(1);
    is(&fleet.demos[0], "connected").await;
    let deep = fleet.demos[0].get("/health/deep").await.ok();
    assert_eq!(
        (&deep["status"], &deep["redis"]),
        (&json!("ok"), &json!("connected"))
    );
    let server = &deep["redis_server"];
    assert_eq!(server["version"], fleet.redis.info("redis_version"));
    assert_eq!(server["role"], "master");
    assert_eq!(server["eviction_policy"], "noeviction");
    assert_eq!(server["max_memory_bytes"], 0);
    assert_eq!(
        (&server["warning"], &server["problem"]),
        (&Value::Null, &Value::Null)
    );
    assert!(
        server["latency_ms"]
            .as_f64()
            .is_some_and(|latency| latency > 0.0),
        "{deep}"
    );
    assert!(
        deep["redis_memory_bytes"]
            .as_u64()
            .is_some_and(|bytes| bytes > 100_000),
        "{deep}"
    );

    for _ in 0..2 {
        fleet.redis.kill();
        let demo = &fleet.demos[0];
        is(demo, "disconnected").await;
        let shallow = demo.get("/health").await.ok();
        assert_eq!(shallow, json!({ "status": "ok", "redis": "disconnected" }));
        let deep = demo.get("/health/deep").await;
        assert_eq!(deep.status, StatusCode::SERVICE_UNAVAILABLE, "{deep:?}");
        let told = deep.json();
        assert_eq!(
            (&told["status"], &told["redis"]),
            (&json!("degraded"), &json!("disconnected"))
        );
        assert_eq!(told["redis_memory_bytes"], Value::Null);
        assert!(told["redis_server"]["problem"].is_string(), "{told}");
        let stats = demo.get("/cache/stats").await.ok();
        assert_eq!(stats["redis"]["keys"], Value::Null);

        fleet.redis.restart();
        is(&fleet.demos[0], "connected").await;
        fleet.demos[0].get("/health/deep").await.ok();
    }
}

#[tokio::test]
async fn statistics_are_those_of_the_server() {
    let fleet = Fleet::of(1);
    fleet.demos[0].user("1").await;
    let stats = fleet.demos[0].get("/cache/stats").await.ok();
    let redis = &stats["redis"];
    for (name, field) in [
        ("keyspace_hits", "keyspace_hits"),
        ("keyspace_misses", "keyspace_misses"),
    ] {
        assert_eq!(redis[name].to_string(), fleet.redis.info(field), "{redis}");
    }
    assert_eq!(redis["keys"], fleet.redis.cli(&["DBSIZE"]).int());
    assert!(
        redis["clients"].as_u64().is_some_and(|clients| clients > 0),
        "{redis}"
    );
}

#[tokio::test]
async fn an_eviction_that_takes_limits_is_warned_of() {
    let redis = RedisOptions::new()
        .set("maxmemory", "64mb")
        .set("maxmemory-policy", "allkeys-lru")
        .start();
    let demo = Demo::start(&redis.url(), "10s");
    is(&demo, "connected").await;
    let server = demo.get("/health/deep").await.ok()["redis_server"].clone();
    assert_eq!(server["max_memory_bytes"], 64 << 20);
    let warning = server["warning"].as_str().unwrap();
    assert!(warning.contains("CACHE_REDIS_URL"), "{warning}");
}

#[tokio::test]
async fn the_redis_of_caches_is_told_of_by_itself() {
    let (everything, mut caches) = (RedisServer::start(), RedisServer::start());
    let (all, own) = (everything.url(), caches.url());
    let patient = ("REDIS_TIMEOUT", "10s");
    let both = Demo::with([("REDIS_URL", &*all), ("CACHE_REDIS_URL", &own), patient]);
    let alone = Demo::with([("CACHE_REDIS_URL", &*own), patient]);
    for demo in [&both, &alone] {
        is(demo, "connected").await;
        demo.user("1").await;
        demo.user("2").await;
    }
    let deep = both.get("/health/deep").await.ok();
    for server in ["redis_server", "cache_redis_server"] {
        assert!(deep[server]["used_memory_bytes"].is_u64(), "{deep}");
    }
    let stats = both.get("/cache/stats").await.ok();
    assert_eq!(stats["redis"]["keys"], 0);
    assert_eq!(stats["cache_redis"]["keys"], 2, "{stats}");
    let deep = alone.get("/health/deep").await.ok();
    assert_eq!(deep["redis_server"], Value::Null);

    caches.kill();
    for demo in [&both, &alone] {
        is(demo, "disconnected").await;
        let deep = demo.get("/health/deep").await;
        assert_eq!(deep.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(deep.json()["cache_redis_server"]["problem"].is_string());
    }
}

#[tokio::test]
async fn a_secret_is_used_and_never_said() {
    let redis = RedisServer::start();
    let demo = Demo::start(&redis.url(), "10s");
    is(&demo, "connected").await;
    demo.user("1").await;
    demo.invalidate("1").await;
    let mut said = String::new();
    for path in [
        "/",
        "/health",
        "/health/deep",
        "/cache/stats",
        "/metrics",
        "/api/recent-events",
    ] {
        said.push_str(&demo.get(path).await.text);
    }
    // wrong from now on
    let user = canary("user");
    redis.cli(&["ACL", "SETUSER", &user, "resetpass", ">another"]);
    redis.cli(&["CLIENT", "KILL", "USER", &user]);
    is(&demo, "disconnected").await;
    let deep = demo.get("/health/deep").await;
    assert_eq!(
        deep.json()["redis_server"]["problem"],
        "Redis cannot be used: user name or password are wrong"
    );
    said.push_str(&deep.text);
    said.push_str(&demo.process.stderr());
    assert!(said.contains("Redis is away"), "{said}");
    assert_unheard("a demo", &said);
}
