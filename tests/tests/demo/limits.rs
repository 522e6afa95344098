use std::time::Duration;

use tests::http::{Method, StatusCode};

use crate::support::Demo;

#[tokio::test]
async fn never_more_than_five_in_any_minute() {
    let (demo, clock) = Demo::at_a_standstill().await;
    for left in (0..5).rev() {
        let answer = demo.get("/api/rate-limited").await;
        let body = answer.ok();
        assert_eq!(body["limit"], 5);
        assert_eq!(body["remaining"], left);
        assert_eq!(
            answer.field("ratelimit-policy"),
            r#""rate-limited";q=5;w=60"#
        );
        assert_eq!(
            answer.field("ratelimit"),
            format!(r#""rate-limited";r={left};t=60"#)
        );
    }

    clock.advance(Duration::from_secs(59));
    let refused = demo.get("/api/rate-limited").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.field("retry-after"), "1");
    assert_eq!(refused.field("content-type"), "application/problem+json");
    let problem = refused.json();
    assert_eq!(problem["title"], "Rate limit exceeded");
    assert_eq!(problem["error"], "Rate limit exceeded");
    assert_eq!(problem["status"], 429);

    clock.advance(Duration::from_millis(1_100));
    demo.get("/api/rate-limited").await.ok();
}

#[tokio::test]
async fn never_more_than_two_in_any_five_minutes() {
    let (demo, clock) = Demo::at_a_standstill().await;
    demo.get("/api/slow-limited").await.ok();
    clock.advance(Duration::from_secs(100));
    demo.get("/api/slow-limited").await.ok();
    let refused = demo.get("/api/slow-limited").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.field("retry-after"), "200");
    clock.advance(Duration::from_millis(200_100));
    demo.get("/api/slow-limited").await.ok();
    let refused = demo.get("/api/slow-limited").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_method_that_is_not_taken_charges_nothing() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    for _ in 0..10 {
        let answer = demo.post("/api/rate-limited", "").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    assert_eq!(demo.get("/api/rate-limited").await.ok()["remaining"], 4);
}

#[tokio::test]
async fn the_two_limits_count_apart() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    for _ in 0..5 {
        demo.get("/api/rate-limited").await.ok();
    }
    demo.get("/api/slow-limited").await.ok();
    demo.get("/api/cached-data").await.ok();
}

// only there is all of 127.0.0.0/8 this machine
#[cfg(target_os = "linux")]
#[tokio::test]
async fn every_client_has_the_whole_quota() {
    let (demo, _clock) = Demo::at_a_standstill().await;
    let call = |from| demo.call_from(from, Method::GET, "/api/rate-limited", "");
    for _ in 0..5 {
        call("127.0.0.1").await.ok();
    }
    assert_eq!(
        call("127.0.0.1").await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    for _ in 0..5 {
        call("127.0.0.2").await.ok();
    }
    assert_eq!(
        call("127.0.0.2").await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
}
