//! A layer whose quota each request says.
#![cfg(all(feature = "rate-limit", feature = "testing"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use tower::{Layer, ServiceExt, service_fn};
use tower_redis::Toolkit;
use tower_redis::limit::{Algorithm, Decision, Policy, Quota};
use tower_redis::middleware::rate_limit::{
    FieldVersion, FoundOut, Header, RateLimitLayer, RequestKey, Unidentified,
};
use tower_redis::testing::ManualClock;

const TENANT: HeaderName = HeaderName::from_static("x-tenant");

/// What a layer outside has found out.
#[derive(Clone, Copy)]
struct Plan(u64);

fn layer_of<K: RequestKey>(clock: &ManualClock, policy: &Policy, key: K) -> RateLimitLayer<K> {
    let toolkit = Toolkit::builder().clock(clock.clock()).build().unwrap();
    let quotas = toolkit.quotas(policy).unwrap();
    RateLimitLayer::by_quota(&quotas, key, |request| {
        let plan = request.extensions.get::<Plan>();
        Quota::per_minute(plan.map_or(1, |plan| plan.0))
    })
    .unwrap()
}

fn layer(clock: &ManualClock) -> RateLimitLayer<Header> {
    let policy = Policy::new("api", Quota::per_minute(1));
    layer_of(clock, &policy, Header::new(TENANT))
}

fn of(tenant: &'static str, plan: impl Into<Option<u64>>) -> Request<()> {
    let mut request = Request::new(());
    let tenant = HeaderValue::from_static(tenant);
    request.headers_mut().insert(TENANT, tenant);
    if let Some(plan) = plan.into() {
        request.extensions_mut().insert(Plan(plan));
    }
    request
}

/// Answers with what is left.
async fn inner(request: Request<()>) -> Result<Response<Full<Bytes>>, Infallible> {
    let left = request.extensions().get::<Decision>().unwrap().remaining;
    Ok(Response::new(Full::from(left.to_string())))
}

/// The status, `RateLimit-Policy` and the body.
async fn call<K: RequestKey>(
    layer: &RateLimitLayer<K>,
    request: Request<()>,
) -> (u16, String, Bytes) {
    let answer = layer.layer(service_fn(inner)).oneshot(request).await;
    let (head, body) = answer.unwrap().into_parts();
    let policy = head.headers.get("ratelimit-policy");
    let policy = policy
        .map_or("", |policy| policy.to_str().unwrap())
        .to_owned();
    (
        head.status.into(),
        policy,
        body.collect().await.unwrap().to_bytes(),
    )
}

#[tokio::test]
async fn each_tenant_has_the_quota_of_its_plan() {
    let clock = ManualClock::new();
    let layer = layer(&clock);
    for (tenant, plan, quota) in [
        ("small", None, 1),
        ("large", Some(5), 5),
        ("other", Some(5), 5),
    ] {
        for left in (0..quota).rev() {
            let told = format!(r#""api";q={quota};w=60"#);
            let (status, policy, body) = call(&layer, of(tenant, plan)).await;
            assert_eq!(
                (status, policy, &*body),
                (200, told, left.to_string().as_bytes())
            );
        }
        let (status, _, body) = call(&layer, of(tenant, plan)).await;
        assert_eq!(status, 429);
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem["violated-policies"], serde_json::json!(["api"]));
    }
    // a plan that changes holds at once, with nothing used
    assert_eq!(call(&layer, of("small", 2)).await.2, "1");
    // and the old one is as it was
    assert_eq!(call(&layer, of("small", None)).await.0, 429);
    clock.advance(Duration::from_secs(60));
    assert_eq!(call(&layer, of("small", None)).await.0, 200);
}

#[tokio::test]
async fn a_quota_that_cannot_be_kept_is_that_of_the_policy() {
    let layer = layer(&ManualClock::new());
    for plan in [0, u64::MAX] {
        let (_, policy, _) = call(&layer, of("odd", plan)).await;
        assert_eq!(policy, r#""api";q=1;w=60"#);
    }
    // the two shared it
    assert_eq!(call(&layer, of("odd", None)).await.0, 429);
}

#[tokio::test]
async fn what_a_layer_is_told_holds_for_all_quotas() {
    let clock = ManualClock::new();
    let first = layer(&clock);
    assert_eq!(call(&first, of("ada", 3)).await.0, 200);
    let layer = first
        .fields(FieldVersion::Draft7)
        .skip_paths(["/healthz"])
        .cost(|_| 2)
        .charge_if(|status, _| status == StatusCode::OK)
        .respond(|refused| Response::new(Bytes::from(refused.policy().to_owned())));
    let (status, policy, body) = call(&layer, of("ada", 3)).await;
    assert_eq!((status, &*policy, &*body), (200, "3;w=60", &b"0"[..]));
    assert_eq!(call(&layer, of("ada", 3)).await.2, "api");
}

#[tokio::test]
async fn as_many_at_once_as_the_plan_says() {
    let policy = Policy::new("at-once", Quota::per_minute(1)).algorithm(Algorithm::Concurrency);
    let layer = layer_of(&ManualClock::new(), &policy, Header::new(TENANT));
    let service = layer.layer(service_fn(inner));
    let call = async || service.clone().oneshot(of("ada", 2)).await.unwrap();
    let held = [call().await, call().await];
    assert_eq!(call().await.status(), 503);
    drop(held);
    assert_eq!(call().await.status(), 200);
}

#[tokio::test]
async fn a_key_that_is_found_out_counts_by_the_quota_of_its_request() {
    async fn tenant(request: http::request::Parts) -> Result<String, Unidentified> {
        Ok(request.headers[TENANT].to_str().unwrap().to_uppercase())
    }
    let policy = Policy::new("api", Quota::per_minute(1));
    let layer = layer_of(&ManualClock::new(), &policy, FoundOut::by(tenant));
    assert_eq!(call(&layer, of("ada", 2)).await.2, "1");
    assert_eq!(call(&layer, of("ADA", 2)).await.2, "0");
    assert_eq!(call(&layer, of("ada", 2)).await.0, 429);
    assert_eq!(call(&layer, of("ada", None)).await.0, 200);
}
