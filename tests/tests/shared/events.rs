use serde_json::{Value, json};
use tests::eventually_async;

use crate::fleet::{Demo, Fleet};

/// The messages of one channel, the newest first.
async fn messages(demo: &Demo, channel: &str) -> Vec<Value> {
    let path = format!("/api/recent-events?limit=100&channel={channel}");
    let answer = demo.get(&path).await.ok();
    let events = answer["events"].as_array().unwrap().iter();
    events.map(|event| event["message"].clone()).collect()
}

/// Waits until a demo hears what others publish: a message before that is not for it.
async fn hears(fleet: &Fleet, demo: &Demo) {
    eventually_async("a demo hears what is published", || async {
        fleet.redis.cli(&["PUBLISH", "hello", "0"]);
        !messages(demo, "hello").await.is_empty()
    })
    .await;
}

#[tokio::test]
async fn an_event_reaches_every_instance_once_and_in_order() {
    let fleet = Fleet::of(2);
    for demo in &fleet.demos {
        hears(&fleet, demo).await;
    }
    for n in 0..40 {
        let event = json!({ "channel": "orders", "message": { "n": n } }).to_string();
        let answer = fleet.demos[n % 2].post("/api/publish-event", event).await;
        assert_eq!(answer.ok()["status"], "published");
    }
    let expected: Vec<Value> = (0..40).rev().map(|n| json!({ "n": n })).collect();
    for demo in &fleet.demos {
        eventually_async("the last event is there", || async {
            messages(demo, "orders").await.first() == expected.first()
        })
        .await;
        assert_eq!(messages(demo, "orders").await, expected);
    }
}

#[tokio::test]
async fn redis_cli_publishes_to_all() {
    let fleet = Fleet::of(2);
    for demo in &fleet.demos {
        hears(&fleet, demo).await;
    }
    for message in [r#"{"a":1}"#, "not json", "42"] {
        fleet.redis.cli(&["PUBLISH", "news", message]);
    }
    for demo in &fleet.demos {
        let all = eventually_async("the news", || async {
            let all = messages(demo, "news").await;
            (all.len() == 3).then_some(all)
        })
        .await;
        assert_eq!(all, [json!(42), json!("not json"), json!({ "a": 1 })]);
    }
}
