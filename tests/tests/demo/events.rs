use serde_json::{Value, json};

use crate::support::Demo;

async fn publish(demo: &Demo, channel: &str, message: Value) {
    let event = json!({ "channel": channel, "message": message });
    let answer = demo
        .post("/api/publish-event", event.to_string())
        .await
        .ok();
    assert_eq!(answer, json!({ "status": "published", "channel": channel }));
}

async fn messages(demo: &Demo, query: &str) -> Vec<Value> {
    let answer = demo.get(&format!("/api/recent-events{query}")).await.ok();
    let events = answer["events"].as_array().unwrap();
    assert_eq!(answer["count"], events.len());
    events
        .iter()
        .map(|event| event["message"].clone())
        .collect()
}

#[tokio::test]
async fn an_event_is_seen_by_the_next_request() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    for n in 0..50 {
        publish(&demo, "orders", json!(n)).await;
        assert_eq!(messages(&demo, "?limit=1").await, [json!(n)]);
    }
}

#[tokio::test]
async fn a_message_is_any_json() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    let sent = [
        json!(null),
        json!("text"),
        json!([1, {"a": true}]),
        json!({"id": 7}),
    ];
    for message in &sent {
        publish(&demo, "any", message.clone()).await;
    }
    let mut seen = messages(&demo, "").await;
    seen.reverse();
    assert_eq!(seen, sent);
    let answer = demo.get("/api/recent-events?limit=1").await.ok();
    let expected = json!([{
        "channel": "any",
        "message": {"id": 7},
        "received_at": "2026-01-01T00:00:00.000Z",
    }]);
    assert_eq!(answer["events"], expected);
}

#[tokio::test]
async fn newest_first_twenty_or_as_many_as_asked_for() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    assert_eq!(messages(&demo, "").await, Vec::<Value>::new());
    for n in 0..110 {
        publish(&demo, if n % 2 == 0 { "even" } else { "odd" }, json!(n)).await;
    }
    let down = |from: i32, step: usize, count: usize| -> Vec<Value> {
        (0..=from)
            .rev()
            .step_by(step)
            .take(count)
            .map(Value::from)
            .collect()
    };
    assert_eq!(messages(&demo, "").await, down(109, 1, 20));
    assert_eq!(messages(&demo, "?limit=100").await, down(109, 1, 100));
    assert_eq!(
        messages(&demo, "?channel=even&limit=3").await,
        down(108, 2, 3)
    );
    assert_eq!(messages(&demo, "?channel=none").await, Vec::<Value>::new());
}
