//! Several policies in one layer: one decision, and what a client is told of it.
#![cfg(all(feature = "rate-limit", feature = "testing"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use tower::{Layer, ServiceExt, service_fn};
use tower_redis::Toolkit;
use tower_redis::limit::{
    Algorithm, Ban, Basis, Decision, Decisions, LimiterSet, Policy, Quota, RateLimited,
};
use tower_redis::middleware::PeerAddr;
use tower_redis::middleware::rate_limit::{
    FieldVersion, FoundOut, Global, Header, PeerIp, PerPolicy, RateLimitLayer, Unidentified,
};
use tower_redis::testing::ManualClock;

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

fn toolkit(clock: &ManualClock) -> Toolkit {
    Toolkit::builder().clock(clock.clock()).build().unwrap()
}

type Three = RateLimitLayer<PerPolicy<(PeerIp, Header, Global)>>;

/// Per address 2 a minute, per API key 3 an hour, and 5 a second for all together.
fn three(clock: &ManualClock) -> Three {
    toolkit(clock)
        .rate_limit_layer((
            Policy::per_ip(Quota::per_minute(2)),
            Policy::per_header(API_KEY, Quota::per_hour(3)).name("per-key"),
            Policy::global(Quota::per_second(5)),
        ))
        .unwrap()
}

fn from(ip: u8, key: &'static str) -> Request<()> {
    let mut request = Request::new(());
    let value = HeaderValue::from_static(key);
    request.headers_mut().insert(API_KEY, value);
    let peer = PeerAddr((IpAddr::from([192, 0, 2, ip]), 4711).into());
    request.extensions_mut().insert(peer);
    request
}

/// Answers 401 to `x-wrong`, and else with what was decided.
async fn inner(request: Request<()>) -> Result<Response<Full<Bytes>>, Infallible> {
    let one = request.extensions().get::<Decision>().unwrap().remaining;
    let all = request.extensions().get::<Decisions>().unwrap();
    let all: Vec<_> = all.each().map(|(_, decision)| decision.remaining).collect();
    let mut answer = Response::new(Full::from(format!("{one} of {all:?}")));
    if request.headers().contains_key("x-wrong") {
        *answer.status_mut() = StatusCode::UNAUTHORIZED;
    }
    Ok(answer)
}

struct Told {
    status: u16,
    headers: http::HeaderMap,
    body: Bytes,
}

impl Told {
    fn field(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    fn problem(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

async fn call<K: tower_redis::middleware::rate_limit::RequestKey>(
    layer: &RateLimitLayer<K>,
    request: Request<()>,
) -> Told {
    let service = layer.clone().layer(service_fn(inner));
    let (head, body) = service.oneshot(request).await.unwrap().into_parts();
    Told {
        status: head.status.into(),
        headers: head.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

#[tokio::test]
async fn one_decision_with_a_member_for_each_policy() {
    let clock = ManualClock::new();
    let layer = three(&clock);
    let told = call(&layer, from(1, "a")).await;
    assert_eq!(told.status, 200);
    assert_eq!(
        told.field("ratelimit-policy"),
        r#""per-ip";q=2;w=60, "per-key";q=3;w=3600, "global";q=5;w=1"#
    );
    assert_eq!(
        told.field("ratelimit"),
        r#""per-ip";r=1;t=60, "per-key";r=2;t=3600, "global";r=4;t=1"#
    );
    // the handler sees all of them, and the one with the fewest left
    assert_eq!(told.body, "1 of [1, 2, 4]");
    assert_eq!(call(&layer, from(2, "a")).await.body, "1 of [1, 1, 3]");
    let names: Vec<_> = layer.limiters().iter().map(|one| one.name()).collect();
    assert_eq!(names, ["per-ip", "per-key", "global"]);
}

#[tokio::test]
async fn what_one_refuses_charges_none_and_all_that_refuse_are_named() {
    let clock = ManualClock::new();
    let layer = three(&clock);
    for _ in 0..2 {
        assert_eq!(call(&layer, from(1, "a")).await.status, 200);
    }
    for _ in 0..20 {
        let told = call(&layer, from(1, "a")).await;
        assert_eq!(told.status, 429);
        assert_eq!(told.field("retry-after"), "60");
        assert_eq!(told.problem()["violated-policies"], json!(["per-ip"]));
        assert_eq!(
            told.field("ratelimit"),
            r#""per-ip";r=0;t=60, "per-key";r=1;t=3600, "global";r=3;t=1"#
        );
    }
    // twenty refusals by the address took nothing off the key
    assert_eq!(call(&layer, from(2, "a")).await.body, "0 of [1, 0, 2]");
    let told = call(&layer, from(1, "a")).await;
    assert_eq!(
        told.problem()["violated-policies"],
        json!(["per-ip", "per-key"])
    );
    // the first instant at which both pass
    assert_eq!(told.field("retry-after"), "3600");
    clock.advance(Duration::from_secs(3_599));
    let told = call(&layer, from(1, "a")).await;
    assert_eq!((told.status, told.field("retry-after")), (429, "1"));
    clock.advance(Duration::from_secs(1));
    assert_eq!(call(&layer, from(1, "a")).await.status, 200);
}

#[tokio::test]
async fn a_call_that_can_never_pass_is_told_no_time() {
    let clock = ManualClock::new();
    let layer = three(&clock).cost(|_| 3);
    let told = call(&layer, from(1, "a")).await;
    assert_eq!(told.status, 429);
    assert_eq!(told.problem()["violated-policies"], json!(["per-ip"]));
    assert!(!told.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn the_older_forms_tell_of_the_tightest() {
    let clock = ManualClock::new();
    let layer = three(&clock).x_rate_limit_fields(true);
    let six = layer.clone().fields(FieldVersion::Draft6);
    let told = call(&six, from(1, "a")).await;
    assert_eq!(told.field("ratelimit-policy"), "2;w=60, 3;w=3600, 5;w=1");
    assert_eq!(told.field("ratelimit-remaining"), "1");
    assert_eq!(told.field("x-ratelimit-limit"), "2");
    let seven = layer.fields(FieldVersion::Draft7);
    for ip in [2, 3] {
        call(&seven, from(ip, "a")).await;
    }
    let told = call(&seven, from(1, "a")).await;
    assert_eq!(told.status, 429);
    assert_eq!(told.field("ratelimit"), "limit=3, remaining=0, reset=3600");
    assert_eq!(told.field("x-ratelimit-remaining"), "0");
}

#[tokio::test]
async fn permits_are_given_back_to_all_of_them_by_the_answer() {
    let clock = ManualClock::new();
    let layer = three(&clock).charge_if(|status, _| status == StatusCode::UNAUTHORIZED);
    for _ in 0..9 {
        assert_eq!(call(&layer, from(1, "a")).await.status, 200);
    }
    let wrong = || {
        let mut request = from(1, "a");
        request
            .headers_mut()
            .insert("x-wrong", HeaderValue::from_static("1"));
        request
    };
    for _ in 0..2 {
        assert_eq!(call(&layer, wrong()).await.status, 401);
    }
    let told = call(&layer, from(1, "a")).await;
    assert_eq!(told.status, 429);
    assert_eq!(
        told.field("ratelimit"),
        r#""per-ip";r=0;t=60, "per-key";r=1;t=3600, "global";r=3;t=1"#
    );
}

#[tokio::test]
async fn a_held_permit_comes_back_and_what_was_charged_beside_it_does_not() {
    let clock = ManualClock::new();
    let held = Policy::global(Quota::per_minute(1)).algorithm(Algorithm::Concurrency);
    let layer = toolkit(&clock)
        .rate_limit_layer((held.name("at-once"), Policy::per_ip(Quota::per_hour(3))))
        .unwrap();
    let service = layer.clone().layer(service_fn(inner));
    let first = service.clone().oneshot(from(1, "a")).await.unwrap();
    assert_eq!(first.status(), 200);
    assert_eq!(
        first.headers()["ratelimit-policy"],
        r#""at-once";q=1;qu="concurrent-requests", "per-ip";q=3;w=3600"#
    );
    let told = call(&layer, from(1, "a")).await;
    assert_eq!((told.status, told.field("retry-after")), (503, "1"));
    assert_eq!(told.problem()["violated-policies"], json!(["at-once"]));
    drop(first);
    for _ in 0..2 {
        assert_eq!(call(&layer, from(1, "a")).await.status, 200);
    }
    // a quota comes before a want of room
    let told = call(&layer, from(1, "a")).await;
    assert_eq!((told.status, told.field("retry-after")), (429, "3600"));
}

#[tokio::test]
async fn a_policy_in_shadow_refuses_nothing_and_tells_nothing() {
    let clock = ManualClock::new();
    let layer = toolkit(&clock)
        .rate_limit_layer((
            Policy::global(Quota::per_minute(1))
                .name("new")
                .shadow(true),
            Policy::per_ip(Quota::per_minute(2)),
        ))
        .unwrap()
        .shadow_field(true);
    for n in 0..2 {
        let told = call(&layer, from(1, "a")).await;
        assert_eq!(told.status, 200);
        assert_eq!(told.field("ratelimit-policy"), r#""per-ip";q=2;w=60"#);
        let shadow = if n == 0 { "" } else { r#""new""# };
        assert_eq!(told.field("x-ratelimit-shadow"), shadow);
    }
    let told = call(&layer, from(1, "a")).await;
    assert_eq!(told.problem()["violated-policies"], json!(["per-ip"]));
}

#[tokio::test]
async fn a_ban_of_one_policy_is_told_as_one() {
    let clock = ManualClock::new();
    let ban = Ban::after(1, Duration::from_secs(600));
    let layer = toolkit(&clock)
        .rate_limit_layer((
            Policy::per_ip(Quota::per_minute(1)).ban(ban),
            Policy::global(Quota::per_minute(2)),
        ))
        .unwrap();
    for status in [200, 429] {
        assert_eq!(call(&layer, from(1, "a")).await.status, status);
    }
    let told = call(&layer, from(1, "a")).await;
    assert_eq!((told.status, told.field("retry-after")), (429, "600"));
    let problem = told.problem();
    assert!(
        problem["type"]
            .as_str()
            .unwrap()
            .ends_with("#abnormal-usage-detected")
    );
    assert_eq!(problem["violated-policies"], json!(["per-ip"]));
    assert_eq!(call(&layer, from(2, "a")).await.status, 200);
}

#[tokio::test]
async fn an_answer_of_your_own_and_grpc_know_all_of_them() {
    let clock = ManualClock::new();
    let layer = three(&clock);
    let own = layer.clone().respond(|refused| {
        let names: Vec<_> = refused.policies().collect();
        Response::new(Bytes::from(names.join(" and ")))
    });
    for ip in [1, 2, 1] {
        assert_eq!(call(&layer, from(ip, "a")).await.status, 200);
    }
    assert_eq!(call(&own, from(1, "a")).await.body, "per-ip and per-key");
    let mut grpc = from(1, "a");
    let content_type = HeaderValue::from_static("application/grpc");
    grpc.headers_mut().insert("content-type", content_type);
    let told = call(&layer, grpc).await;
    assert_eq!((told.status, told.field("grpc-status")), (200, "8"));
    assert_eq!(told.field("retry-after"), "3600");
}

#[tokio::test]
async fn a_key_that_is_found_out_is_one_of_them() {
    async fn tenant(request: http::request::Parts) -> Result<String, Unidentified> {
        let tenant = request.headers.get(API_KEY).unwrap().to_str().unwrap();
        Ok(format!("tenant of {tenant}"))
    }
    let clock = ManualClock::new();
    let layer = toolkit(&clock)
        .rate_limit_layer((
            Policy::per_ip(Quota::per_minute(2)),
            Policy::new("tenants", Quota::per_minute(3)).key(FoundOut::by(tenant)),
        ))
        .unwrap();
    for (ip, key, told) in [(1, "a", "1 of [1, 2]"), (1, "b", "0 of [0, 2]")] {
        assert_eq!(call(&layer, from(ip, key)).await.body, told);
    }
    assert_eq!(call(&layer, from(1, "a")).await.status, 429);
    assert_eq!(call(&layer, from(2, "a")).await.body, "1 of [1, 1]");
}

#[tokio::test]
async fn a_set_of_your_own_counts_one_key_by_all_and_is_refused_as_the_layer_does() {
    let clock = ManualClock::new();
    let toolkit = toolkit(&clock);
    let limiter = |name, quota| toolkit.limiter(&Policy::new(name, quota)).unwrap();
    let set = LimiterSet::new([
        limiter("minute", Quota::per_minute(1)),
        limiter("hour", Quota::per_hour(9)),
    ])
    .unwrap();
    let layer = RateLimitLayer::new(set.clone(), PeerIp::new());
    assert_eq!(call(&layer, from(1, "a")).await.status, 200);
    let told = call(&layer, from(1, "a")).await;
    let ip = IpAddr::from([192, 0, 2, 1]);
    let decisions = set.check(&ip).await;
    assert_eq!(decisions.each().next().unwrap().1.basis, Basis::Memory);
    let refused = RateLimited::of(&decisions).unwrap();
    assert_eq!(refused.to_string(), "rate limit exceeded");
    assert_eq!(
        (refused.policy(), refused.status()),
        ("minute", StatusCode::TOO_MANY_REQUESTS)
    );
    let answer: Response<Bytes> = refused.into_response();
    assert_eq!(answer.headers(), &told.headers);
    assert_eq!(answer.body(), &told.body);
    assert!(RateLimited::of(&set.check("other").await).is_none());
}

#[tokio::test]
async fn who_cannot_be_told_apart_for_one_of_them_is_an_error_by_option() {
    let clock = ManualClock::new();
    let layer = three(&clock).strict();
    assert_eq!(call(&layer, from(1, "a")).await.status, 200);
    let mut nobody = from(1, "a");
    nobody.extensions_mut().clear();
    assert_eq!(call(&layer, nobody).await.status, 500);
    assert_eq!(call(&layer, from(1, "a")).await.body, "0 of [0, 1, 3]");
}

#[test]
fn two_policies_of_one_name_make_no_layer() {
    let clock = ManualClock::new();
    let policy = || Policy::per_ip(Quota::per_minute(2));
    let refused = toolkit(&clock)
        .rate_limit_layer((policy(), policy()))
        .unwrap_err();
    assert!(refused.is_config());
    assert!(
        refused
            .to_string()
            .contains("two limiters of the name \"per-ip\"")
    );
}
