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
use tower_redis::middleware::rate_limit::Header;
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
