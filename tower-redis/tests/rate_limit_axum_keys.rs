//! Keys that know what an axum router matched.
#![cfg(all(feature = "axum", feature = "rate-limit", feature = "testing"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/warnings.rs"]
mod warnings;

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::http::request::Parts;
use axum::routing::get;
use tower::ServiceExt as _;
use tower_redis::Toolkit;
use tower_redis::limit::{Policy, Quota};
use tower_redis::middleware::rate_limit::{
    FoundOut, MatchedPath, PathParam, PeerIp, RateLimitLayer, RequestKey, Unidentified,
};
use warnings::Warnings;

/// One a minute for each `key`.
fn one_each<K: RequestKey>(key: K) -> RateLimitLayer<K> {
    let policy = Policy::new("p", Quota::per_minute(1)).key(key);
    Toolkit::in_memory().rate_limit_layer(policy).unwrap()
}

fn routes() -> Router {
    Router::new()
        .route("/users/{id}", get(async || "a user"))
        .route("/files/{*path}", get(async || "a file"))
        .route("/free", get(async || "free"))
}

async fn status(app: &Router, path: &str, peer: &str) -> u16 {
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    let peer: SocketAddr = peer.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    let answer = app.clone().oneshot(request).await.unwrap();
    answer.status().as_u16()
}

const ADA: &str = "192.0.2.1:1";
const GRACE: &str = "192.0.2.2:1";

#[tokio::test]
async fn each_route_has_a_quota_whatever_its_parameters_are() {
    for app in [
        routes().layer(one_each(MatchedPath)),
        routes().route_layer(one_each(MatchedPath)),
    ] {
        assert_eq!(status(&app, "/users/7", ADA).await, 200);
        assert_eq!(status(&app, "/users/8", GRACE).await, 429);
        assert_eq!(status(&app, "/free", ADA).await, 200);
        assert_eq!(status(&app, "/free", ADA).await, 429);
        assert_eq!(status(&app, "/files/a/b", ADA).await, 200);
        assert_eq!(status(&app, "/files/c", ADA).await, 429);
    }
}

#[tokio::test]
async fn each_client_has_a_quota_for_each_route() {
    let app = routes().route_layer(one_each((PeerIp::new(), MatchedPath)));
    assert_eq!(status(&app, "/users/7", ADA).await, 200);
    assert_eq!(status(&app, "/users/8", ADA).await, 429);
    assert_eq!(status(&app, "/users/8", GRACE).await, 200);
    assert_eq!(status(&app, "/free", ADA).await, 200);
}

#[tokio::test]
async fn each_value_of_a_parameter_has_a_quota_however_it_is_written() {
    let nested = Router::new().nest(
        "/api/{version}",
        routes().route_layer(one_each(PathParam::new("id"))),
    );
    let within = Router::new().nest(
        "/api/{version}",
        routes().route_layer(one_each((PathParam::new("version"), PathParam::new("id")))),
    );
    for (app, before, other) in [
        (routes().layer(one_each(PathParam::new("id"))), "", ""),
        (nested, "/api/1", "/api/1"),
        (within, "/api/1", "/api/2"),
    ] {
        assert_eq!(status(&app, &format!("{before}/users/ab"), ADA).await, 200);
        assert_eq!(
            status(&app, &format!("{before}/users/ab"), GRACE).await,
            429
        );
        assert_eq!(
            status(&app, &format!("{before}/users/a%62"), ADA).await,
            429
        );
        assert_eq!(
            status(&app, &format!("{before}/users/%61b?x"), ADA).await,
            429
        );
        assert_eq!(status(&app, &format!("{before}/users/ac"), ADA).await, 200);
        let again = status(&app, &format!("{other}/users/ac"), ADA).await;
        assert_eq!(again, if other == before { 429 } else { 200 });
    }
    let app = routes().layer(one_each(PathParam::new("path")));
    assert_eq!(status(&app, "/files/a/b", ADA).await, 200);
    assert_eq!(status(&app, "/files/a/b", ADA).await, 429);
    assert_eq!(status(&app, "/files/a/c", ADA).await, 200);
}

#[test]
fn what_no_route_tells_shares_one_quota_and_is_said_once() {
    let said = |app: Router, path: &'static str| {
        let warnings = Warnings::default();
        tracing::subscriber::with_default(warnings.clone(), || {
            pollster::block_on(async {
                status(&app, path, ADA).await;
                assert_eq!(status(&app, path, GRACE).await, 429);
            });
        });
        let said = warnings.take();
        assert_eq!(said.len(), 1, "{said:?}");
        said[0].clone()
    };
    let none = said(routes().layer(one_each(MatchedPath)), "/none");
    assert!(none.contains("route_layer"), "{none}");
    let other = said(routes().layer(one_each(PathParam::new("id"))), "/free");
    assert!(other.contains("between braces"), "{other}");
}

/// Who that is, from a database that takes its time.
async fn tenant(request: Parts) -> Result<String, Unidentified> {
    tokio::task::yield_now().await;
    let token = request.headers.get("authorization");
    let token = token.and_then(|token| token.to_str().ok());
    token.map(str::to_owned).ok_or(Unidentified::new("log in"))
}

async fn as_tenant(app: &Router, path: &str, tenant: &'static str) -> u16 {
    let request = Request::get(path).header("authorization", tenant);
    let request = request.body(Body::from("a body")).unwrap();
    let answer = app.clone().oneshot(request).await.unwrap();
    answer.status().as_u16()
}

#[tokio::test]
async fn what_an_async_function_finds_out_has_a_quota() {
    let app = routes().layer(one_each(FoundOut::by(tenant)));
    assert_eq!(as_tenant(&app, "/free", "one").await, 200);
    assert_eq!(as_tenant(&app, "/free", "one").await, 429);
    assert_eq!(as_tenant(&app, "/free", "two").await, 200);

    let app = routes().route_layer(one_each((MatchedPath, FoundOut::by(tenant))));
    assert_eq!(as_tenant(&app, "/free", "one").await, 200);
    assert_eq!(as_tenant(&app, "/free", "one").await, 429);
    assert_eq!(as_tenant(&app, "/users/7", "one").await, 200);
    assert_eq!(as_tenant(&app, "/free", "two").await, 200);

    // who leaves before is not charged, and what is not found out is an error where the layer is strict
    let layer = one_each(FoundOut::by(tenant)).strict();
    let app = routes().layer(layer.clone());
    let leaving = Box::pin(as_tenant(&app, "/free", "one"));
    assert!(futures_util::poll!(leaving).is_pending());
    assert_eq!(as_tenant(&app, "/free", "one").await, 200);
    assert_eq!(status(&app, "/free", ADA).await, 500);
    assert_eq!(layer.limiter().stats().allowed, 1);
}
