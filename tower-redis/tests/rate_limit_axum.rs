//! The layer around, inside and on one route of an axum router.
#![cfg(all(feature = "axum", feature = "rate-limit", feature = "testing"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, ServiceExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer, ServiceBuilder, ServiceExt as _};
use tower_redis::Toolkit;
use tower_redis::limit::{Decision, Decisions, Limiter, Policy, Quota};
use tower_redis::middleware::rate_limit::{
    Global, PeerIp, PerPolicy, RateLimit, RateLimitLayer, RateLimited,
};
use tower_redis::testing::ManualClock;

/// A toolkit on this clock.
fn toolkit(clock: &ManualClock) -> Toolkit {
    Toolkit::builder().clock(clock.clock()).build().unwrap()
}

fn two_a_minute(clock: &ManualClock) -> RateLimitLayer<PeerIp> {
    let policy = Policy::per_ip(Quota::per_minute(2));
    toolkit(clock).rate_limit_layer(policy).unwrap()
}

fn request(path: &str) -> Request<Body> {
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    let peer: SocketAddr = "192.0.2.1:1".parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

async fn statuses(app: &Router, calls: &[&str]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for path in calls {
        let answer = app.clone().oneshot(request(path)).await.unwrap();
        statuses.push(answer.status().as_u16());
    }
    statuses
}

async fn left(decision: Decision) -> String {
    decision.remaining.to_string()
}

fn router() -> Router {
    Router::new()
        .route("/left", get(left))
        .route("/free", get(async || "free"))
}

#[tokio::test]
async fn around_all_routes() {
    let clock = ManualClock::new();
    let app = router().layer(two_a_minute(&clock));
    // what is not found was asked for as well
    assert_eq!(
        statuses(&app, &["/left", "/none", "/free"]).await,
        [200, 404, 429]
    );
}

#[tokio::test]
async fn around_routes_that_exist() {
    let clock = ManualClock::new();
    let app = router().route_layer(two_a_minute(&clock));
    let calls = ["/left", "/none", "/none", "/free", "/left"];
    assert_eq!(statuses(&app, &calls).await, [200, 404, 404, 200, 429]);
}

#[tokio::test]
async fn on_one_route() {
    let clock = ManualClock::new();
    let app = Router::new()
        .route("/left", get(left).layer(two_a_minute(&clock)))
        .route("/free", get(async || "free"));
    let calls = ["/left", "/free", "/left", "/left", "/free"];
    assert_eq!(statuses(&app, &calls).await, [200, 200, 200, 429, 200]);
}

/// What a user writes who returns a limited router from a function.
fn in_front(clock: &ManualClock) -> RateLimit<Router, PeerIp> {
    two_a_minute(clock).layer(router())
}

#[tokio::test]
async fn in_front_of_a_router() {
    let clock = ManualClock::new();
    let app = in_front(&clock);
    for (remaining, status) in [("1", 200), ("0", 200), ("", 429)] {
        let answer = app.clone().oneshot(request("/left")).await.unwrap();
        assert_eq!(answer.status(), status);
        let body = to_bytes(Body::new(answer.into_body()), 10_000)
            .await
            .unwrap();
        if status == 200 {
            assert_eq!(body, remaining);
        } else {
            assert!(body.starts_with(b"{\"type\":"));
        }
    }
}

#[tokio::test]
async fn in_a_stack_with_others() {
    let clock = ManualClock::new();
    let global = Policy::global(Quota::per_minute(1));
    let global: RateLimitLayer<Global> = toolkit(&clock).rate_limit_layer(global).unwrap();
    let app = router().layer(
        ServiceBuilder::new()
            .layer(two_a_minute(&clock))
            .layer(global),
    );
    let answer = app.clone().oneshot(request("/left")).await.unwrap();
    assert_eq!(answer.headers().get_all("ratelimit").iter().count(), 2);
    let refused = app.oneshot(request("/left")).await.unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let policies: Vec<_> = refused
        .headers()
        .get_all("ratelimit-policy")
        .iter()
        .collect();
    assert_eq!(policies, [r#""global";q=1;w=60"#, r#""per-ip";q=2;w=60"#]);
}

#[tokio::test]
async fn several_policies_in_one_layer_and_in_a_handler() {
    async fn left(decisions: Decisions) -> String {
        let left = decisions
            .each()
            .map(|(limiter, one)| (limiter.name(), one.remaining));
        format!("{:?}", left.collect::<Vec<_>>())
    }
    let clock = ManualClock::new();
    let layer: RateLimitLayer<PerPolicy<(PeerIp, Global)>> = toolkit(&clock)
        .rate_limit_layer((
            Policy::per_ip(Quota::per_minute(2)),
            Policy::global(Quota::per_minute(9)),
        ))
        .unwrap();
    let routes = Router::new().route("/left", get(left));
    // around the router, around its routes, and on one of them
    let apps = [
        routes.clone().layer(layer.clone()),
        routes.route_layer(layer.clone()),
        Router::new().route("/left", get(left).layer(layer)),
    ];
    for (app, told) in apps.into_iter().zip([Some((1, 8)), Some((0, 7)), None]) {
        let answer = app.oneshot(request("/left")).await.unwrap();
        assert_eq!(answer.status(), if told.is_some() { 200 } else { 429 });
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        if let Some((ip, all)) = told {
            assert_eq!(body, format!(r#"[("per-ip", {ip}), ("global", {all})]"#));
        }
    }
    let alone = Router::new()
        .route("/left", get(left))
        .layer(two_a_minute(&clock));
    let answer = alone.oneshot(request("/left")).await.unwrap();
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_handler_asks_a_limiter_itself() {
    async fn login(State(limiter): State<Limiter>) -> Result<&'static str, RateLimited> {
        let decision = limiter.check("ada").await;
        if decision.is_allowed() {
            Ok("welcome")
        } else {
            Err(RateLimited::new(&limiter, decision))
        }
    }
    let clock = ManualClock::new();
    let policy = Policy::new("logins", Quota::per_minute(1));
    let limiter = toolkit(&clock).limiter(&policy).unwrap();
    let app = Router::new().route("/", get(login)).with_state(limiter);
    assert_eq!(statuses(&app, &["/"]).await, [200]);
    let refused = app.oneshot(request("/")).await.unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        refused.headers()["content-type"],
        "application/problem+json"
    );
    assert_eq!(refused.headers()["retry-after"], "60");
}

#[tokio::test]
async fn a_decision_where_there_is_no_limit() {
    async fn maybe(decision: Option<Decision>) -> Response {
        decision.map_or("none", |_| "some").into_response()
    }
    let app = router().route("/maybe", get(maybe));
    assert_eq!(statuses(&app, &["/left", "/maybe"]).await, [500, 200]);
}

/// The first lines of the answers to 50 calls at once, each on a connection of its own.
async fn calls(address: SocketAddr) -> Vec<String> {
    let calls = (0..50).map(|_| {
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let request = b"GET /free HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";
            stream.write_all(request).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer.lines().next().unwrap().to_owned()
        })
    });
    let mut answers = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        answers.push(call.await.unwrap());
    }
    answers
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn assert_two_admitted(mut answers: Vec<String>) {
    answers.sort();
    let (admitted, refused) = answers.split_at(2);
    assert_eq!(admitted, ["HTTP/1.1 200 OK"; 2]);
    assert!(
        refused
            .iter()
            .all(|line| line == "HTTP/1.1 429 Too Many Requests")
    );
}

#[tokio::test]
async fn connections_share_one_limit() {
    let clock = ManualClock::new();
    let (listener, address) = listen().await;
    let app = router().layer(two_a_minute(&clock));
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
    assert_two_admitted(calls(address).await);
}

#[tokio::test]
async fn connections_share_one_limit_in_front_of_the_router() {
    let clock = ManualClock::new();
    let (listener, address) = listen().await;
    let app = ServiceBuilder::new()
        .map_response(IntoResponse::into_response)
        .layer(two_a_minute(&clock))
        .service(router());
    let app = ServiceExt::<Request<Body>>::into_make_service_with_connect_info::<SocketAddr>(app);
    tokio::spawn(async move { axum::serve(listener, app).await });
    assert_two_admitted(calls(address).await);
}
