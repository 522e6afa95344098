use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use tower_redis::Toolkit;
use tower_redis::config;

use crate::support::{Demo, quick};

async fn status(demo: &Demo, path: &str) -> String {
    demo.get(path).await.ok()["cache"]["status"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn the_second_call_is_a_hit_until_a_minute_is_over() {
    let (demo, clock) = Demo::at_a_standstill().await;
    let first = demo.get("/api/cached-data?user_id=42").await.ok();
    assert_eq!(first["user_id"], 42);
    assert_eq!(first["computed_at"], "2026-01-01T00:00:00.000Z");
    assert!(first["value"].is_u64());
    assert_eq!(first["cache"], json!({ "status": "miss", "tier": "none" }));

    clock.advance(Duration::from_secs(59));
    let mut second = demo.get("/api/cached-data?user_id=42").await.ok();
    let hit = json!({ "status": "hit", "tier": "near" });
    assert_eq!(
        std::mem::replace(&mut second["cache"], first["cache"].clone()),
        hit
    );
    assert_eq!(second, first);

    clock.advance(Duration::from_secs(1));
    let third = demo.get("/api/cached-data?user_id=42").await.ok();
    assert_eq!(third["cache"]["status"], "miss");
    assert_eq!(third["computed_at"], "2026-01-01T00:01:00.000Z");
    assert_ne!(third["value"], first["value"]);
}

#[tokio::test]
async fn every_user_has_an_entry_and_nobody_has_one_too() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    let nobody = demo.get("/api/cached-data").await.ok();
    assert_eq!(nobody["user_id"], Value::Null);
    for path in ["?user_id=1", "?user_id=2", "?user_id=ada", "?user_id=~"] {
        assert_eq!(
            status(&demo, &format!("/api/cached-data{path}")).await,
            "miss"
        );
    }
    for path in ["", "?user_id=1", "?user_id=2", "?user_id=ada", "?user_id=~"] {
        assert_eq!(
            status(&demo, &format!("/api/cached-data{path}")).await,
            "hit"
        );
    }
}

#[tokio::test]
async fn invalidation_of_one_entry_leaves_the_others() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    for user in [1, 2] {
        demo.get(&format!("/api/cached-data?user_id={user}"))
            .await
            .ok();
    }
    for (body, dropped) in [(r#"{"user_id": 1}"#, 1), (r#"{"user_id": "1"}"#, 0)] {
        let answer = demo.post("/api/invalidate-cache", body).await.ok();
        assert_eq!(
            answer,
            json!({ "scope": "entry", "dropped": dropped, "reach": "everywhere" })
        );
    }
    assert_eq!(status(&demo, "/api/cached-data?user_id=1").await, "miss");
    assert_eq!(status(&demo, "/api/cached-data?user_id=2").await, "hit");
}

#[tokio::test]
async fn invalidation_without_a_user_is_of_all() {
    for body in ["", " ", "{}", r#"{"user_id": null}"#] {
        let (demo, _clock) = Demo::at_a_standstill().await;
        for query in ["", "?user_id=1"] {
            demo.get(&format!("/api/cached-data{query}")).await.ok();
        }
        let answer = demo.post("/api/invalidate-cache", body).await.ok();
        let expected = json!({ "scope": "all", "dropped": 2, "reach": "everywhere" });
        assert_eq!(answer, expected, "{body:?}");
        assert_eq!(status(&demo, "/api/cached-data").await, "miss");
        assert_eq!(status(&demo, "/api/cached-data?user_id=1").await, "miss");
    }
}

#[tokio::test]
async fn one_call_computes_for_all_who_wait() {
    let mut settings = quick();
    settings.work.computation = Duration::from_millis(200);
    let demo = Demo::start(settings).await;
    let calls = (0..30).map(|_| demo.get("/api/cached-data?user_id=7"));
    let answers = all(calls).await;
    let count = |status| {
        let is = |answer: &&Value| answer["cache"]["status"] == status;
        answers.iter().filter(is).count()
    };
    assert_eq!(count("miss"), 1, "{answers:?}");
    assert_eq!(count("coalesced") + count("hit"), 29, "{answers:?}");
    let computed: BTreeSet<_> = answers
        .iter()
        .map(|a| a["computed_at"].to_string())
        .collect();
    assert_eq!(computed.len(), 1);
}

async fn all(calls: impl Iterator<Item = impl Future<Output = tests::http::Answer>>) -> Vec<Value> {
    let mut calls: Vec<_> = calls.map(Box::pin).collect();
    let mut answers = Vec::new();
    std::future::poll_fn(|context| {
        calls.retain_mut(|call| match call.as_mut().poll(context) {
            std::task::Poll::Ready(answer) => {
                answers.push(answer.ok());
                false
            }
            std::task::Poll::Pending => true,
        });
        if calls.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    answers
}

#[tokio::test]
async fn two_apps_in_one_process_share_nothing() {
    let (one, _clock) = Demo::at_a_standstill().await;
    let (other, _clock) = Demo::at_a_standstill().await;
    assert_eq!(status(&one, "/api/cached-data").await, "miss");
    assert_eq!(status(&other, "/api/cached-data").await, "miss");
    assert_eq!(status(&one, "/api/cached-data").await, "hit");
}

#[tokio::test]
async fn with_caching_off_every_call_computes() {
    let mut off = config::Settings::default();
    off.cache.enabled = false;
    let mut settings = quick();
    settings.toolkit = Toolkit::builder().settings(off).build().unwrap();
    let demo = Demo::start(settings).await;
    for _ in 0..2 {
        let answer = demo.get("/api/cached-data").await.ok();
        assert_eq!(
            answer["cache"],
            json!({ "status": "bypass", "tier": "none" })
        );
    }
}
