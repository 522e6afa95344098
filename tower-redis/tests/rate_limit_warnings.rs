//! What is said, once, about a server that is put together wrongly.
#![cfg(all(feature = "rate-limit", feature = "testing"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/warnings.rs"]
mod warnings;

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::{Layer, ServiceExt, service_fn};
use tower_redis::Toolkit;
use tower_redis::limit::{Policy, Quota};
use tower_redis::middleware::PeerAddr;
use tower_redis::middleware::rate_limit::{Global, Header, PeerIp};
use tower_redis::testing::ManualClock;
use warnings::Warnings;

/// A toolkit on this clock.
fn toolkit(clock: &ManualClock) -> Toolkit {
    Toolkit::builder().clock(clock.clock()).build().unwrap()
}

/// The warnings of `run`.
fn warnings(run: impl Future<Output = ()>) -> Vec<String> {
    let warnings = Warnings::default();
    tracing::subscriber::with_default(warnings.clone(), || pollster::block_on(run));
    warnings.take()
}

async fn answer(_: Request<()>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::default())
}

#[test]
fn a_missing_peer_address_is_told_once_with_the_remedy() {
    let clock = ManualClock::new();
    let policy = Policy::per_ip(Quota::per_minute(5));
    let said = warnings(async {
        let layer = toolkit(&clock).rate_limit_layer(policy).unwrap();
        for _ in 0..5 {
            let service = layer.layer(service_fn(answer));
            service.oneshot(Request::new(())).await.unwrap();
        }
    });
    assert_eq!(said.len(), 1, "{said:?}");
    for part in [
        "per-ip",
        "PeerAddr(peer)",
        "into_make_service_with_connect_info",
    ] {
        assert!(said[0].contains(part), "{said:?}");
    }
}

#[test]
fn a_missing_field_is_the_clients_own_affair() {
    let clock = ManualClock::new();
    let name = http::HeaderName::from_static("x-api-key");
    let policy: Policy<Header> = Policy::per_header(name, Quota::per_minute(5));
    let said = warnings(async {
        let layer = toolkit(&clock).rate_limit_layer(policy).unwrap();
        let service = layer.layer(service_fn(answer));
        service.oneshot(Request::new(())).await.unwrap();
    });
    assert_eq!(said, [""; 0]);
}

#[test]
fn full_memory_is_told_once_and_counted() {
    let clock = ManualClock::new();
    let policy = Policy::new("small", Quota::per_minute(5)).max_keys(10);
    let said = warnings(async {
        let limiter = toolkit(&clock).limiter(&policy).unwrap();
        for key in 0..20 {
            limiter.check(&key).await;
        }
        let stats = limiter.stats();
        assert_eq!((stats.keys, stats.overflowed), (10, 10));
        assert_eq!((stats.allowed, stats.denied), (15, 5));
    });
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].contains("max_keys") && said[0].contains("small"),
        "{said:?}"
    );
}

#[test]
fn a_proxy_that_is_not_trusted_is_told_once_and_not_looked_for_again() {
    let clock = ManualClock::new();
    let policy = Policy::per_ip(Quota::per_minute(5));
    let said = warnings(async {
        let layer = toolkit(&clock).rate_limit_layer(policy).unwrap();
        for field in ["forwarded", "x-forwarded-for", "x-forwarded-for"] {
            let request = from_a_peer(Some(field));
            let answer = layer.layer(service_fn(answer)).oneshot(request).await;
            assert_eq!(answer.unwrap().status(), 200);
        }
    });
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("ForwardedIp::behind"), "{said:?}");
}

fn from_a_peer(field: Option<&'static str>) -> Request<()> {
    let mut request = Request::new(());
    let peer = PeerAddr(([192, 0, 2, 1], 1).into());
    request.extensions_mut().insert(peer);
    if let Some(field) = field {
        let value = http::HeaderValue::from_static("203.0.113.9");
        request.headers_mut().insert(field, value);
    }
    request
}

#[tokio::test]
async fn a_strict_layer_makes_an_error_of_what_is_warned_of() {
    let clock = ManualClock::new();
    let layer = || {
        let policy = Policy::new("p", Quota::per_minute(9)).key((Global, PeerIp::new()));
        toolkit(&clock).rate_limit_layer(policy).unwrap().strict()
    };
    let layer = layer();
    for (request, expected) in [
        (from_a_peer(None), 200),
        (Request::new(()), 500),
        (from_a_peer(Some("forwarded")), 500),
        (from_a_peer(Some("x-forwarded-for")), 500),
        (from_a_peer(None), 200),
    ] {
        let answer = layer.layer(service_fn(answer)).oneshot(request).await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), expected);
        if expected == 500 {
            assert_eq!(answer.headers()["content-type"], "application/problem+json");
            assert_eq!(answer.headers()["cache-control"], "no-store");
        }
    }
    assert_eq!(
        layer.limiter().stats().allowed,
        2,
        "what is an error is not counted"
    );
}
