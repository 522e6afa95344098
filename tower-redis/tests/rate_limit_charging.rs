//! Which requests a limited service counts, and when it gives back.
#![cfg(all(feature = "rate-limit", feature = "testing"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::future::pending;
use std::task::{Context, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_redis::Toolkit;
use tower_redis::limit::{Algorithm, Policy, Quota};
use tower_redis::middleware::rate_limit::{Global, RateLimitBody, RateLimitLayer};
use tower_redis::testing::ManualClock;

const TWO: Quota = Quota::per_minute(2);

fn layer(policy: Policy<Global>) -> RateLimitLayer<Global> {
    let toolkit = Toolkit::builder().clock(ManualClock::new().clock());
    toolkit.build().unwrap().rate_limit_layer(policy).unwrap()
}

/// Answers as the request's path says, or never.
async fn obey(request: Request<()>) -> Result<Response<Full<Bytes>>, Infallible> {
    let status = match request.uri().path() {
        "/wrong" => StatusCode::UNAUTHORIZED,
        "/never" => pending().await,
        _ => StatusCode::OK,
    };
    let mut answer = Response::new(Full::from("answer"));
    *answer.status_mut() = status;
    Ok(answer)
}

fn to(path: &'static str) -> Request<()> {
    Request::get(path).body(()).unwrap()
}

async fn call<S>(service: &mut S, request: Request<()>) -> Response<RateLimitBody<Full<Bytes>>>
where
    S: Service<Request<()>, Response = Response<RateLimitBody<Full<Bytes>>>, Error = Infallible>,
{
    service.ready().await.unwrap().call(request).await.unwrap()
}

async fn left(layer: &RateLimitLayer<Global>) -> u64 {
    layer.limiter().peek(&()).await.remaining
}

#[tokio::test]
async fn what_is_skipped_is_not_counted_and_told_nothing() {
    let layer = layer(Policy::global(TWO))
        .skip_preflights()
        .skip_paths(["/healthz"])
        .skip(|request| request.headers.contains_key("x-inside"));
    let mut service = layer.clone().layer(service_fn(obey));
    let field = |request: &mut Request<()>, name, value| {
        let name = HeaderName::from_static(name);
        request
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    };
    let mut preflight = to("/");
    *preflight.method_mut() = Method::OPTIONS;
    field(&mut preflight, "origin", "https://example.org");
    let options = preflight.clone();
    field(&mut preflight, "access-control-request-method", "PUT");
    let mut inside = to("/");
    field(&mut inside, "x-inside", "1");
    for skipped in [preflight, to("/healthz"), inside] {
        for _ in 0..3 {
            let answer = call(&mut service, skipped.clone()).await;
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.headers(), &HeaderMap::new());
            assert_eq!(
                answer.into_body().collect().await.unwrap().to_bytes(),
                "answer"
            );
        }
    }
    for (counted, status) in [(options, 200), (to("/healthz/"), 200), (to("/"), 429)] {
        assert_eq!(call(&mut service, counted).await.status(), status);
    }
}

#[tokio::test]
async fn a_request_costs_what_the_layer_says() {
    let layer = layer(Policy::global(Quota::per_minute(10)));
    let layer = layer.cost(|request| match request.uri.path() {
        "/free" => 0,
        "/search" => 4,
        "/dump" => 11,
        _ => 1,
    });
    let mut service = layer.layer(service_fn(obey));
    for (path, status, left) in [
        ("/search", 200, 6),
        ("/search", 200, 2),
        ("/search", 429, 2),
        ("/", 200, 1),
        ("/free", 200, 1),
        ("/dump", 429, 1),
    ] {
        let answer = call(&mut service, to(path)).await;
        assert_eq!(answer.status(), status, "{path}");
        let told = answer.headers()["ratelimit"].to_str().unwrap();
        assert!(
            told.starts_with(&format!(r#""global";r={left};"#)),
            "{path}: {told}"
        );
        let never = path == "/dump";
        assert_eq!(
            answer.headers().contains_key("retry-after"),
            status == 429 && !never
        );
    }
}

#[tokio::test]
async fn only_failed_logins_are_charged() {
    let layer = layer(Policy::global(TWO));
    let layer = layer.charge_if(|status, _| status == StatusCode::UNAUTHORIZED);
    let mut service = layer.clone().layer(service_fn(obey));
    for _ in 0..5 {
        assert_eq!(call(&mut service, to("/")).await.status(), 200);
    }
    assert_eq!(left(&layer).await, 2);
    for path in ["/wrong", "/", "/wrong"] {
        assert_ne!(call(&mut service, to(path)).await.status(), 429);
    }
    assert_eq!(left(&layer).await, 0);
    assert_eq!(call(&mut service, to("/")).await.status(), 429);
}

#[tokio::test]
async fn a_client_that_leaves_is_charged_from_when_the_service_has_begun() {
    for charges in [false, true] {
        let layer = layer(Policy::global(TWO));
        let layer = match charges {
            true => layer.charge_if(|status, _| status == StatusCode::UNAUTHORIZED),
            false => layer.refund_abandoned(),
        };
        let mut service = layer.clone().layer(service_fn(obey));
        drop(service.ready().await.unwrap().call(to("/never")));
        assert_eq!(left(&layer).await, 2);
        let mut begun = Box::pin(service.ready().await.unwrap().call(to("/never")));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(begun.as_mut().poll(&mut cx).is_pending());
        assert_eq!(left(&layer).await, 1);
        drop(begun);
        assert_eq!(left(&layer).await, 1, "charge_if: {charges}");
        assert_eq!(call(&mut service, to("/wrong")).await.status(), 401);
        assert_eq!(left(&layer).await, 0);
    }
}

#[tokio::test]
async fn as_many_at_once_as_may_be() {
    let quota = Quota::new(2, Duration::from_secs(60));
    let policy = Policy::global(quota)
        .name("slots")
        .algorithm(Algorithm::Concurrency);
    // what is chosen besides does not make a held permit last
    let layer = layer(policy).charge_if(|_, _| true).refund_abandoned();
    let mut service = layer.clone().layer(service_fn(obey));
    let first = call(&mut service, to("/")).await;
    assert_eq!(first.headers()["ratelimit"], r#""slots";r=1"#);
    let policy = r#""slots";q=2;qu="concurrent-requests""#;
    assert_eq!(first.headers()["ratelimit-policy"], policy);
    let mut second = Box::pin(service.ready().await.unwrap().call(to("/never")));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(second.as_mut().poll(&mut cx).is_pending());

    let refused = call(&mut service, to("/")).await;
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "1");
    let problem = refused.into_body().collect().await.unwrap().to_bytes();
    let problem: serde_json::Value = serde_json::from_slice(&problem).unwrap();
    let capacity = "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity";
    assert_eq!(problem["type"], capacity);
    assert_eq!(problem["violated-policies"], serde_json::json!(["slots"]));

    drop(first);
    let third = call(&mut service, to("/")).await;
    assert_eq!(third.status(), 200);
    assert_eq!(call(&mut service, to("/")).await.status(), 503);
    drop(second);
    assert_eq!(call(&mut service, to("/")).await.status(), 200);
    drop(third);
    assert_eq!(left(&layer).await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_permit_is_renewed_while_the_body_is_on_its_way() {
    let clock = ManualClock::new();
    let toolkit = Toolkit::builder().clock(clock.clock()).build().unwrap();
    let quota = Quota::new(1, Duration::from_secs(30));
    let policy = Policy::global(quota).algorithm(Algorithm::Concurrency);
    let layer = toolkit.rate_limit_layer(policy).unwrap();
    let mut service = layer.layer(service_fn(obey));
    let answer = call(&mut service, to("/")).await;
    for _ in 0..100 {
        clock.advance(Duration::from_secs(1));
        tokio::time::advance(Duration::from_secs(1)).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(call(&mut service, to("/")).await.status(), 503);
    drop(answer);
    assert_eq!(call(&mut service, to("/")).await.status(), 200);
}
