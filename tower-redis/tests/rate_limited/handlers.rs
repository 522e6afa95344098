//! Handlers of axum.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower::ServiceExt as _;
use tower_redis::limit::{Limiter, Policy, Quota, RateLimited};
use tower_redis::middleware::PeerAddr;
use tower_redis::middleware::rate_limit::PeerIp;
use tower_redis::{Toolkit, rate_limited};

use crate::support::Told;

#[rate_limited(limit = 1, per = "1m", name = "by-peer")]
async fn taken_apart(ConnectInfo(peer): ConnectInfo<SocketAddr>) -> Told<String> {
    Ok(peer.ip().to_string())
}

#[rate_limited(limit = 1, per = "1m")]
async fn whole(peer: ConnectInfo<SocketAddr>) -> impl IntoResponse {
    if peer.0.port() == 0 {
        return (StatusCode::BAD_REQUEST, "no port");
    }
    (StatusCode::OK, "fine")
}

#[rate_limited(limit = 1, per = "1m")]
async fn by_ours(PeerAddr(_): PeerAddr) -> Response {
    "fine".into_response()
}

#[rate_limited(limit = 1, per = "1m", key = "{id}")]
async fn by_path(_peer: PeerAddr, Path(id): Path<u64>) -> Result<impl IntoResponse, RateLimited> {
    Ok(id.to_string())
}

#[rate_limited(limit = 1, per = "1m", on_limited = |_| (StatusCode::IM_A_TEAPOT, "tea"))]
async fn with_another_answer(_peer: PeerAddr) -> (StatusCode, &'static str) {
    (StatusCode::OK, "coffee")
}

#[rate_limited(limiter = limiter)]
async fn with_a_limiter(
    State(limiter): State<Limiter>,
    _: ConnectInfo<SocketAddr>,
) -> Result<&'static str, Response> {
    Ok("fine")
}

#[rate_limited(limit = 1, per = "1m")]
async fn without_a_client() -> Told {
    Ok(())
}

fn router(limiter: Limiter) -> Router {
    Router::new()
        .route("/apart", get(taken_apart))
        .route("/whole", get(whole))
        .route("/ours", get(by_ours))
        .route("/path/{id}", get(by_path))
        .route("/other", get(with_another_answer))
        .route("/limiter", get(with_a_limiter))
        .route("/all", get(without_a_client))
        .with_state(limiter)
}

fn toolkit() -> (Toolkit, Limiter) {
    let toolkit = Toolkit::in_memory();
    let policy = Policy::new("given", Quota::per_minute(1));
    let limiter = toolkit.limiter(&policy).unwrap();
    (toolkit, limiter)
}

async fn call(toolkit: &Toolkit, app: &Router, path: &str, peer: &str) -> Response {
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    let peer: SocketAddr = peer.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    toolkit.scope(app.clone().oneshot(request)).await.unwrap()
}

#[tokio::test]
async fn the_client_is_the_peer_of_the_extractor() {
    let (toolkit, limiter) = toolkit();
    let app = router(limiter.clone());
    for path in ["/apart", "/whole", "/ours", "/limiter"] {
        let status = async |peer| call(&toolkit, &app, path, peer).await.status().as_u16();
        assert_eq!(status("192.0.2.1:1").await, 200, "{path}");
        assert_eq!(status("192.0.2.1:2").await, 429, "{path}");
        assert_eq!(status("[::ffff:192.0.2.1]:3").await, 429, "{path}");
        assert_eq!(status("192.0.2.2:1").await, 200, "{path}");
        // a subscriber has a /56 at least
        assert_eq!(status("[2001:db8:1:2ff::1]:1").await, 200, "{path}");
        assert_eq!(status("[2001:db8:1:200::2]:1").await, 429, "{path}");
        assert_eq!(status("[2001:db8:1:300::1]:1").await, 200, "{path}");
    }
    let subject = PeerIp::new().subject([192, 0, 2, 1].into());
    assert_eq!(limiter.peek(&subject).await.remaining, 0);
}

#[tokio::test]
async fn a_refusal_is_answered_as_the_layer_does() {
    let (toolkit, limiter) = toolkit();
    let app = router(limiter);
    for path in ["/apart", "/whole", "/ours"] {
        call(&toolkit, &app, path, "192.0.2.1:1").await;
        let answer = call(&toolkit, &app, path, "192.0.2.1:1").await;
        assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
        let headers = answer.headers();
        assert_eq!(headers["retry-after"], "60");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["content-type"], "application/problem+json");
        let policy = headers["ratelimit-policy"].to_str().unwrap();
        assert!(policy.ends_with("\";q=1;w=60"), "{policy}");
        assert!(headers.contains_key("ratelimit"));
        let body = to_bytes(answer.into_body(), 1_000).await.unwrap();
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem["status"], 429);
    }
    let answer = call(&toolkit, &app, "/apart", "192.0.2.1:1").await;
    assert_eq!(answer.headers()["ratelimit-policy"], "\"by-peer\";q=1;w=60");
}

#[tokio::test]
async fn a_key_goes_before_the_client() {
    let (toolkit, limiter) = toolkit();
    let app = router(limiter);
    let status = async |path, peer| call(&toolkit, &app, path, peer).await.status().as_u16();
    assert_eq!(status("/path/1", "192.0.2.1:1").await, 200);
    assert_eq!(status("/path/1", "192.0.2.2:1").await, 429);
    assert_eq!(status("/path/2", "192.0.2.1:1").await, 200);
    assert_eq!(status("/other", "192.0.2.1:1").await, 200);
    assert_eq!(status("/other", "192.0.2.1:1").await, 418);
    assert_eq!(status("/all", "192.0.2.1:1").await, 200);
    assert_eq!(status("/all", "192.0.2.2:1").await, 429);
}

#[tokio::test]
async fn a_handler_that_nobody_tells_the_peer_is_an_error() {
    let (toolkit, limiter) = toolkit();
    let app = router(limiter);
    for path in ["/apart", "/ours"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = toolkit.scope(app.clone().oneshot(request)).await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
