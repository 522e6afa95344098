use tests::http::{Method, StatusCode};

use crate::fleet::Fleet;

#[tokio::test]
async fn five_a_minute_are_five_on_both_together() {
    let fleet = Fleet::of(2);
    for n in 0..10 {
        let answer = fleet.demos[n % 2].get("/api/rate-limited").await;
        let Some(left) = 4_usize.checked_sub(n) else {
            assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{answer:?}");
            continue;
        };
        let body = answer.ok();
        assert_eq!(body["remaining"], left, "{answer:?}");
        assert_eq!(body["counted_in"], "redis");
    }
    // the quota of another client is its own
    let other = fleet.demos[0].call_from("127.0.0.2", Method::GET, "/api/rate-limited", "");
    assert_eq!(other.await.ok()["remaining"], 4);
}

#[tokio::test]
async fn those_who_come_at_once_are_counted_one_by_one() {
    let fleet = Fleet::of(2);
    let calls = (0..40).map(|n| {
        let site = *fleet.demos[n % 2];
        tokio::spawn(async move { site.get("/api/rate-limited").await.status })
    });
    let mut passed = 0;
    for call in calls.collect::<Vec<_>>() {
        match call.await.unwrap() {
            StatusCode::OK => passed += 1,
            status => assert_eq!(status, StatusCode::TOO_MANY_REQUESTS),
        }
    }
    assert_eq!(passed, 5);
}
