use std::time::Duration;

use tests::http::Method;

use crate::support::Demo;

#[tokio::test]
async fn is_kept_for_ten_seconds_and_says_so() {
    let (demo, clock) = Demo::at_a_standstill().await;
    let first = demo.get("/api/report").await;
    assert_eq!(first.ok()["generated_at"], "2026-01-01T00:00:00.000Z");
    assert_eq!(first.field("cache-control"), "max-age=10");
    assert_eq!(first.field("age"), "");
    assert!(first.field("cache-status").contains("fwd="), "{first:?}");
    assert!(first.field("cache-status").contains("stored"), "{first:?}");

    clock.advance(Duration::from_secs(7));
    let second = demo.get("/api/report").await;
    assert_eq!(second.text, first.text);
    assert_eq!(second.field("age"), "7");
    assert!(second.field("cache-status").contains("hit"), "{second:?}");

    clock.advance(Duration::from_secs(3));
    let third = demo.get("/api/report").await;
    assert_eq!(third.ok()["generated_at"], "2026-01-01T00:00:10.000Z");
    assert!(!third.field("cache-status").contains("hit"), "{third:?}");
}

#[tokio::test]
async fn a_head_is_answered_from_what_a_get_left() {
    let (demo, clock) = Demo::at_a_standstill().await;
    demo.get("/api/report").await.ok();
    clock.advance(Duration::from_secs(2));
    let head = demo.call(Method::HEAD, "/api/report", "").await;
    assert_eq!(head.field("age"), "2", "{head:?}");
    assert_eq!(head.text, "");
}
