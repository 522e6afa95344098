use serde_json::json;
use tests::http::{Method, StatusCode};

use crate::support::Demo;

#[tokio::test]
async fn health_is_ok_without_redis() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    let health = demo.get("/health").await.ok();
    assert_eq!(health, json!({ "status": "ok", "redis": "not configured" }));
    let redis = demo.get("/api/health/redis").await.ok();
    assert_eq!(redis, json!({ "redis": "not configured" }));
    let deep = demo.get("/health/deep").await.ok();
    assert_eq!(deep["status"], "ok");
    assert_eq!(deep["redis"], "not configured");
    assert!(deep["memory"]["cache_entries"].is_u64());
}

#[tokio::test]
async fn stats_count_what_was_done() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    for _ in 0..4 {
        demo.get("/api/cached-data?user_id=1").await.ok();
    }
    for _ in 0..6 {
        demo.get("/api/rate-limited").await;
    }
    let stats = demo.get("/cache/stats").await.ok();
    let named = |list: &str, part: &str| {
        let mut list = stats[list].as_array().unwrap().iter();
        let found = list.find(|entry| entry["name"].as_str().unwrap().contains(part));
        found.unwrap_or(&serde_json::Value::Null).clone()
    };
    let function = named("caches", "expensive_function");
    assert_eq!(function["hits"]["near"], 3, "{stats}");
    assert_eq!(function["misses"], 1);
    assert_eq!(function["loads"], 1);
    assert_eq!(function["entries"], 1);
    assert_eq!(function["hit_rate"], 0.75);
    let limiter = named("limiters", "rate-limited");
    assert_eq!(limiter["allowed"], 5, "{stats}");
    assert_eq!(limiter["denied"], 1);
}

#[tokio::test]
async fn metrics_are_those_of_this_app_in_prometheus_text() {
    let (other, _clock) = Demo::at_a_standstill().await;
    other.get("/api/cached-data").await.ok();
    let (demo, _clock) = Demo::at_a_standstill().await;
    for _ in 0..3 {
        demo.get("/api/cached-data").await.ok();
    }
    let metrics = demo.get("/metrics").await;
    assert_eq!(metrics.status, StatusCode::OK);
    let media_type = "text/plain; version=0.0.4; charset=utf-8";
    assert_eq!(metrics.field("content-type"), media_type);
    let lookups = |answer: &str| {
        let line = metrics.text.lines().find(|line| {
            line.starts_with("tower_redis_cache_lookups_total{")
                && line.contains("expensive_function")
                && line.contains(&format!("answer=\"{answer}\""))
        });
        line.and_then(|line| line.rsplit(' ').next())
            .unwrap_or_default()
    };
    assert_eq!(lookups("hit"), "2", "{}", metrics.text);
    assert_eq!(lookups("miss"), "1", "{}", metrics.text);
}

#[tokio::test]
async fn the_page_lists_what_there_is() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    let page = demo.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.field("content-type"), "text/plain; charset=utf-8");
    let here = format!("http://{}", demo.address);
    let mut seen = 0;
    for line in page
        .text
        .lines()
        .filter(|line| line.starts_with("    curl "))
    {
        let (_, rest) = line.split_once(&here).unwrap();
        let path = rest.split([' ', '\'']).next().unwrap();
        let (method, body) = match line.split_once(" -d '") {
            Some((_, body)) => (Method::POST, body.trim_end_matches('\'')),
            None => (Method::GET, ""),
        };
        let answer = demo.call(method, path, body.to_owned()).await;
        assert_eq!(answer.status, StatusCode::OK, "{line}: {answer:?}");
        seen += 1;
    }
    assert_eq!(seen, 13);
}
