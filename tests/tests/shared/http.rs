//! Responses of the HTTP cache.

use hyper::Method;
use tests::eventually_async;
use tests::http::Answer;

use crate::fleet::{Demo, Fleet};

/// A page of a site that all demos serve.
async fn page(demo: &Demo, method: Method, name: usize) -> Answer {
    let mut line = demo.connect("127.0.0.1").await.named("shop.example");
    line.call(method, &format!("/pages/{name}"), "").await
}

/// Waits until a demo serves `text` without having fetched it.
async fn serves(demo: &Demo, name: usize, text: &str) {
    eventually_async("it is in Redis, and from there here", || async {
        let answer = page(demo, Method::GET, name).await;
        let is_hit = answer.field("cache-status").contains("; hit;");
        if is_hit && answer.text == text {
            Ok(())
        } else {
            Err(format!("{} {}", answer.field("cache-status"), answer.text))
        }
    })
    .await;
}

#[tokio::test]
async fn what_one_has_fetched_the_other_serves_until_either_removes_it() {
    let fleet = Fleet::of(2);
    for round in 0..20 {
        let (one, other) = (&fleet.demos[round % 2], &fleet.demos[(round + 1) % 2]);
        let first = page(one, Method::GET, round).await;
        let status = first.field("cache-status");
        assert_eq!(
            status, "pages; fwd=uri-miss; fwd-status=200; stored",
            "round {round}"
        );
        serves(one, round, &first.text).await;
        // it was written to Redis before it was stored here
        let there = page(other, Method::GET, round).await;
        assert!(
            there.field("cache-status").starts_with("pages; hit; ttl="),
            "round {round}"
        );
        assert_eq!(there.text, first.text);
        // whoever has heard of the answer sees it gone: in Redis, and here
        let changed = page(other, Method::POST, round).await;
        assert_eq!(changed.status, 204);
        eventually_async("the one that did not change it has heard of it", || async {
            let kept = page(one, Method::GET, round).await;
            (kept.text != first.text).then_some(())
        })
        .await;
    }
}
