//! The demo as a process that logs all there is, from its start to its end.

use serde_json::json;
use tests::http::{Method, Site};
use tests::{Program, RedisOptions, RedisServer, Serving, eventually_async};

use tests::canary::{assert_unheard, canary, percent_encoded};

/// Who calls the demo: a limit counts by it.
const CALLER: &str = "127.93.41.77";

/// The process: the demo as a user starts it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is a process that other tests start"]
async fn the_demo() {
    // the harness of the tests has begun a line
    println!();
    let arguments = ["demo-server", "--listen", "127.0.0.1:0"];
    demo_server::run(arguments.map(Into::into)).await;
}

fn program() -> Program {
    Program::new(std::env::current_exe().unwrap())
        .arg("--ignored")
        .arg("--exact")
        .arg("program::the_demo")
        .arg("--nocapture")
        .env("LOG_LEVEL", "trace")
        .env("RUST_BACKTRACE", "full")
}

#[tokio::test]
async fn with_user_and_password_in_the_url() {
    let redis = RedisOptions::new().on_tcp().start();
    let (user, password) = (canary("user"), canary("password"));
    let (user, password) = (percent_encoded(&user), percent_encoded(&password));
    let url = format!("redis://{user}:{password}@{}", redis.address());
    run(redis, program().env("REDIS_URL", url)).await;
}

#[tokio::test]
async fn with_user_and_password_in_a_file() {
    let redis = RedisOptions::new().on_tcp().start();
    let (user, password) = (canary("user"), canary("password"));
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let file = format!(
        "REDIS_USERNAME=\"{}\"\nREDIS_PASSWORD=\"{}\"\n",
        quoted(&user),
        quoted(&password)
    );
    let url = format!("redis+unix://{}", redis.socket().display());
    let program = program().env("REDIS_URL", url).file(".env", &file);
    run(redis, program).await;
}

async fn run(mut redis: RedisServer, program: Program) {
    let demo = program.env("REDIS_TIMEOUT", "1s").serve();
    let site = Site::at(demo.address());
    let mut said = String::new();

    is(&site, "connected").await;
    uses(&site).await;
    uses(&site).await;
    said.push_str(&tells(&site).await);
    // what lies there is not what is expected, and others publish
    for key in redis.cli(&["KEYS", "*"]).texts() {
        redis.cli(&["DEL", &key]);
        redis.cli(&["RPUSH", &key, &canary("stored")]);
    }
    redis.cli(&["PUBLISH", "news", &canary("message")]);
    redis.cli(&["PUBLISH", "tr:feed", &canary("message")]);
    redis.cli(&["PUBLISH", "cache:invalidate", "cache:expensive_function:"]);
    uses(&site).await;
    redis.cli(&["FLUSHALL"]);
    said.push_str(&tells(&site).await);

    let user = canary("user");
    redis.cli(&["ACL", "SETUSER", &user, "-@all"]);
    uses(&site).await;
    said.push_str(&tells(&site).await);
    redis.cli(&["ACL", "SETUSER", &user, "+@all", "resetpass", ">another"]);
    redis.cli(&["CLIENT", "KILL", "USER", &user]);
    is(&site, "disconnected").await;
    uses(&site).await;
    let told = tells(&site).await;
    assert!(told.contains("user name or password are wrong"), "{told}");
    said.push_str(&told);

    // as it was, with the first password
    redis.restart();
    is(&site, "connected").await;
    redis.pause();
    uses(&site).await;
    said.push_str(&tells(&site).await);
    redis.resume();
    is(&site, "connected").await;
    redis.kill();
    is(&site, "disconnected").await;
    uses(&site).await;
    said.push_str(&tells(&site).await);

    ends(demo, said);
}

fn ends(demo: Serving, mut said: String) {
    let ended = demo.ended_by("TERM");
    assert_eq!(ended.code, 0, "{ended:?}");
    said.push_str(&ended.stdout);
    said.push_str(&ended.stderr);
    for line in [
        "answered",
        "Redis is away",
        "Redis answers again",
        "tower_redis_operations_total",
        "keyspace_hits",
        "redis_server",
        "stopping",
    ] {
        assert!(said.contains(line), "{line} is not in\n{said}");
    }
    assert!(!said.contains(CALLER), "the caller's address is in\n{said}");
    assert_unheard("the demo", &said);
}

/// What a user does, with what is the user's. The answers are for the user, who may see it all.
async fn uses(site: &Site) {
    let user = canary("id");
    let path = format!("/api/cached-data?user_id={}", percent_encoded(&user));
    for _ in 0..2 {
        site.get(&path).await.ok();
    }
    site.call_from(CALLER, Method::GET, "/api/rate-limited", "")
        .await;
    let event = json!({ "channel": "news", "message": canary("message") }).to_string();
    site.post("/api/publish-event", event).await;
    site.get("/api/recent-events?channel=news").await.ok();
    site.get(&format!("/api/report?{}", percent_encoded(&user)))
        .await;
    let who = json!({ "user_id": user }).to_string();
    site.post("/api/invalidate-cache", who).await.ok();
    site.get(&path).await.ok();
    site.post("/api/invalidate-cache", "").await.ok();
    // and mistakes
    site.post("/api/publish-event", canary("body")).await;
    site.get(&format!("{path}&limit={}", percent_encoded(&user)))
        .await;
}

/// What an operator is told.
async fn tells(site: &Site) -> String {
    let mut told = String::new();
    for path in [
        "/",
        "/health",
        "/health/deep",
        "/api/health/redis",
        "/cache/stats",
        "/metrics",
    ] {
        let answer = site.get(path).await;
        told.push_str(&format!("{answer:?}\n"));
    }
    told
}

async fn is(site: &Site, state: &str) {
    eventually_async(state, || async {
        let answer = site.get("/api/health/redis").await.ok();
        if answer == json!({ "redis": state }) {
            Ok(())
        } else {
            Err(answer)
        }
    })
    .await;
}

#[test]
fn a_start_that_fails_tells_what_is_wrong_and_no_more() {
    let (user, password) = (canary("user"), canary("password"));
    let (user, encoded) = (percent_encoded(&user), percent_encoded(&password));
    for (variable, value) in [
        ("REDIS_URL", format!("redis://{user}:{password}@127.0.0.1")),
        (
            "REDIS_URL",
            format!("redis://{user}:{encoded}@127.0.0.1:port"),
        ),
        ("REDIS_URL", format!("rediss://{user}:{encoded}@127.0.0.1")),
        (
            "CACHE_REDIS_URL",
            format!("http://{user}:{encoded}@127.0.0.1"),
        ),
        ("REDIS_HOST", format!("redis://{user}:{encoded}@127.0.0.1")),
        ("REDIS_PASSWORD", password),
    ] {
        let ended = program().env(variable, &value).run();
        let said = ended.stdout + &ended.stderr;
        assert!(said.contains(&format!("{variable}: ")), "{said}");
        assert_unheard("a start that fails", &said);
    }
}
