use serde_json::Value;
use tests::http::{Method, StatusCode};

use tests::http::Answer;

use crate::support::Demo;

/// Holds that `answer` is a problem of `status` with exactly one mistake, in `field`.
#[track_caller]
fn refused(answer: &Answer, status: StatusCode, field: &str, detail: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.field("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["status"], status.as_u16());
    assert_eq!(problem["title"], status.canonical_reason().unwrap());
    let errors = problem["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{problem}");
    assert_eq!(errors[0]["field"], field, "{problem}");
    assert_eq!(errors[0]["detail"], detail, "{problem}");
}

#[tokio::test]
async fn of_a_query() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    let too_long = "x".repeat(201);
    let (data, events) = ("/api/cached-data", "/api/recent-events");
    let limit = "expected a whole number from 1 to 100";
    let channel = "expected a text of 1 to 200 characters";
    let user = "expected a whole number, or a text of 1 to 64 characters";
    for (path, field, detail) in [
        (
            format!("{data}?user=1"),
            "user",
            "unknown; expected `user_id`".to_owned(),
        ),
        (
            format!("{data}?user_id="),
            "user_id",
            format!("found ``; {user}"),
        ),
        (
            format!("{data}?user_id=1&user_id=2"),
            "user_id",
            "given more than once; expected one value".to_owned(),
        ),
        (
            format!("{events}?limit=0"),
            "limit",
            format!("found `0`; {limit}"),
        ),
        (
            format!("{events}?limit=101"),
            "limit",
            format!("found `101`; {limit}"),
        ),
        (
            format!("{events}?limit=ten"),
            "limit",
            format!("found `ten`; {limit}"),
        ),
        (
            format!("{events}?limit=-1"),
            "limit",
            format!("found `-1`; {limit}"),
        ),
        (
            format!("{events}?channel="),
            "channel",
            format!("found ``; {channel}"),
        ),
        (
            format!("{events}?channel={too_long}"),
            "channel",
            format!("found `{}...`; {channel}", &too_long[..60]),
        ),
        (
            format!("{events}?page=2"),
            "page",
            "unknown; expected `limit` or `channel`".to_owned(),
        ),
    ] {
        refused(
            &demo.get(&path).await,
            StatusCode::BAD_REQUEST,
            field,
            &detail,
        );
    }
}

#[tokio::test]
async fn of_a_body() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    let (publish, invalidate) = ("/api/publish-event", "/api/invalidate-cache");
    let user = "expected a whole number, or a text of 1 to 64 characters";
    for (path, body, field, detail) in [
        (
            publish,
            r#"{"message": 1}"#,
            "channel",
            "missing; expected a text of 1 to 200 characters",
        ),
        (
            publish,
            r#"{"channel": "a"}"#,
            "message",
            "missing; expected any JSON",
        ),
        (
            publish,
            r#"{"channel": 7, "message": 1}"#,
            "channel",
            "found `7`; expected a text of 1 to 200 characters",
        ),
        (
            publish,
            r#"{"channel": "", "message": 1}"#,
            "channel",
            "found ``; expected a text of 1 to 200 characters",
        ),
        (
            publish,
            r#"{"channel": "a", "message": 1, "ttl": 1}"#,
            "ttl",
            "unknown; expected `channel` or `message`",
        ),
        (
            publish,
            "[]",
            "body",
            "found an array; expected a JSON object",
        ),
        (
            invalidate,
            r#"{"user_id": -1}"#,
            "user_id",
            &format!("found `-1`; {user}"),
        ),
        (
            invalidate,
            r#"{"user_id": [1]}"#,
            "user_id",
            &format!("found `[1]`; {user}"),
        ),
        (
            invalidate,
            r#"{"user": 1}"#,
            "user",
            "unknown; expected `user_id`",
        ),
        (
            invalidate,
            "null",
            "body",
            "found null; expected a JSON object",
        ),
    ] {
        refused(
            &demo.post(path, body.to_owned()).await,
            StatusCode::BAD_REQUEST,
            field,
            detail,
        );
    }
}

#[tokio::test]
async fn what_is_not_json_is_told_with_its_place() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    for path in ["/api/publish-event", "/api/invalidate-cache"] {
        let answer = demo.post(path, "{\"channel\": ").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let problem = answer.json();
        assert_eq!(problem["errors"][0]["field"], "body");
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.starts_with("body: cannot be read as JSON: "),
            "{detail}"
        );
        assert!(detail.contains("line 1 column 12"), "{detail}");
    }
}

#[tokio::test]
async fn every_mistake_is_told_at_once() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    let answer = demo.post("/api/publish-event", r#"{"chanel": "a"}"#).await;
    let problem = answer.json();
    let fields: Vec<&Value> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["field"])
        .collect();
    assert_eq!(fields, ["channel", "message", "chanel"]);
}

#[tokio::test]
async fn a_body_that_is_too_large() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    let fits = format!(
        r#"{{"channel": "a", "message": "{}"}}"#,
        "x".repeat(60 * 1024)
    );
    demo.post("/api/publish-event", fits).await.ok();
    let answer = demo
        .post("/api/publish-event", "x".repeat(64 * 1024 + 1))
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.field("content-type"), "application/problem+json");
    assert_eq!(answer.json()["errors"][0]["field"], "body");
}

#[tokio::test]
async fn a_path_or_a_method_that_is_not_there() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    let nowhere = demo.get("/api/nothing").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    assert_eq!(nowhere.field("content-type"), "application/problem+json");
    let not_so = demo.call(Method::DELETE, "/api/publish-event", "").await;
    assert_eq!(not_so.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(not_so.field("allow"), "POST");
    assert_eq!(not_so.field("content-type"), "application/problem+json");
}

#[tokio::test]
async fn of_a_query_where_none_is_asked_for() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    for path in [
        "/",
        "/api/rate-limited",
        "/api/report",
        "/api/health/redis",
        "/health",
        "/health/deep",
        "/cache/stats",
        "/metrics",
    ] {
        let answer = demo.get(&format!("{path}?user_id=7")).await;
        refused(
            &answer,
            StatusCode::BAD_REQUEST,
            "user_id",
            "unknown; expected none",
        );
    }
    // above all where it would do more than was asked
    for path in ["/api/invalidate-cache", "/api/publish-event"] {
        let body = r#"{"channel": "a", "message": 1}"#;
        let body = if path.ends_with("event") { body } else { "" };
        let answer = demo.post(&format!("{path}?user_id=7"), body).await;
        refused(
            &answer,
            StatusCode::BAD_REQUEST,
            "user_id",
            "unknown; expected none",
        );
    }
}

#[tokio::test]
async fn of_octets_that_are_no_text() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    let answer = demo.get("/api/cached-data?user_id=%ff").await;
    refused(
        &answer,
        StatusCode::BAD_REQUEST,
        "user_id",
        "not text; expected UTF-8",
    );
}
