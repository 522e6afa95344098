//! What clients of a limited service are told, in each form.
#![cfg(all(feature = "rate-limit", feature = "testing"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_redis::Toolkit;
use tower_redis::limit::{Ban, Decision, Policy, Quota};
use tower_redis::middleware::rate_limit::{
    FieldVersion, Global, RateLimitBody, RateLimitLayer, RateLimited,
};
use tower_redis::testing::ManualClock;

fn layer(policy: Policy<Global>) -> RateLimitLayer<Global> {
    let toolkit = Toolkit::builder().clock(ManualClock::new().clock());
    toolkit.build().unwrap().rate_limit_layer(policy).unwrap()
}

async fn hello(_: Request<()>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new("hello".into()))
}

async fn call_with<S, B>(service: &mut S, request: Request<()>) -> Response<Bytes>
where
    S: Service<Request<()>, Response = Response<RateLimitBody<B>>, Error = Infallible>,
    B: http_body::Body<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    let answer = service.ready().await.unwrap().call(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
}

async fn call<S, B>(service: &mut S) -> Response<Bytes>
where
    S: Service<Request<()>, Response = Response<RateLimitBody<B>>, Error = Infallible>,
    B: http_body::Body<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    call_with(service, Request::new(())).await
}

/// `name: value` of all fields with `ratelimit` in their names.
fn told(headers: &HeaderMap) -> Vec<String> {
    let about = headers
        .iter()
        .filter(|(name, _)| name.as_str().contains("ratelimit"));
    let mut lines: Vec<String> = about
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn each_version_of_the_draft_has_its_form() {
    let versions: [(FieldVersion, &[&str]); 4] = [
        (
            FieldVersion::Draft8,
            &[
                r#"ratelimit-policy: "global";q=5;w=60"#,
                r#"ratelimit: "global";r=4;t=60"#,
            ],
        ),
        (
            FieldVersion::Draft7,
            &[
                "ratelimit-policy: 5;w=60",
                "ratelimit: limit=5, remaining=4, reset=60",
            ],
        ),
        (
            FieldVersion::Draft6,
            &[
                "ratelimit-limit: 5",
                "ratelimit-policy: 5;w=60",
                "ratelimit-remaining: 4",
                "ratelimit-reset: 60",
            ],
        ),
        (FieldVersion::None, &[]),
    ];
    for (version, expected) in versions {
        let layer = layer(Policy::global(Quota::per_minute(5))).fields(version);
        let mut service = layer.clone().layer(service_fn(hello));
        let mut lines = told(call(&mut service).await.headers());
        let mut expected: Vec<String> = expected.iter().map(|&line| line.into()).collect();
        expected.sort();
        assert_eq!(lines, expected);

        // the same counts, and the fields that no document defines besides
        let mut service = layer.x_rate_limit_fields(true).layer(service_fn(hello));
        lines = told(call(&mut service).await.headers());
        let x = lines.split_off(expected.len());
        let expected = [
            "x-ratelimit-limit: 5",
            "x-ratelimit-remaining: 3",
            "x-ratelimit-reset: 60",
        ];
        assert_eq!(x, expected);
    }
    assert_eq!(FieldVersion::default(), FieldVersion::Draft8);
}

#[tokio::test]
async fn a_form_without_names_tells_of_the_innermost_limit() {
    for version in [FieldVersion::Draft7, FieldVersion::Draft6] {
        let [outer, inner] = [100, 5].map(|quota| {
            let layer = layer(Policy::global(Quota::per_minute(quota)));
            layer.fields(version).x_rate_limit_fields(true)
        });
        let mut service = outer.layer(inner.layer(service_fn(hello)));
        let lines = told(call(&mut service).await.headers());
        let of_outer = lines
            .iter()
            .filter(|line| line.contains("100") || line.contains("99"));
        assert_eq!(of_outer.collect::<Vec<_>>(), ["ratelimit-policy: 100;w=60"]);
        assert!(lines.contains(&"x-ratelimit-remaining: 4".into()));
    }
}

#[tokio::test]
async fn jitter_only_adds() {
    let layer = layer(Policy::global(Quota::per_minute(1)));
    let mut plain = layer.clone().layer(service_fn(hello));
    let mut spread = layer
        .retry_jitter(Duration::from_millis(2_500))
        .layer(service_fn(hello));
    assert_eq!(call(&mut plain).await.status(), 200);
    assert_eq!(call(&mut plain).await.headers()["retry-after"], "60");
    let mut seen = [0; 4];
    for _ in 0..1_000 {
        let refused = call(&mut spread).await;
        let wait = refused.headers()["retry-after"].to_str().unwrap();
        seen[wait.parse::<usize>().unwrap() - 60] += 1;
    }
    assert!(seen.iter().all(|&times| times > 100), "{seen:?}");
}

#[tokio::test]
async fn an_answer_of_ones_own() {
    let layer = layer(Policy::global(Quota::per_minute(1))).respond(|refused: RateLimited| {
        assert_eq!(refused.status(), 429);
        let mut answer: Response<Bytes> = refused.into_response();
        let text = HeaderValue::from_static("text/plain");
        answer.headers_mut().insert(CONTENT_TYPE, text);
        answer.map(|_| "later".into())
    });
    let mut service = layer.layer(service_fn(hello));
    assert_eq!(call(&mut service).await.body(), "hello");
    let refused = call(&mut service).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.body(), "later");
    assert_eq!(refused.headers()[CONTENT_TYPE], "text/plain");
    assert_eq!(refused.headers()["retry-after"], "60");
}

#[tokio::test]
async fn grpc_is_refused_in_its_own_way() {
    let layer = layer(Policy::global(Quota::per_minute(1)));
    let mut service = layer.layer(service_fn(hello));
    call(&mut service).await;
    let mut request = Request::new(());
    let content_type = HeaderValue::from_static("application/grpc+proto");
    request.headers_mut().insert(CONTENT_TYPE, content_type);
    let refused = call_with(&mut service, request).await;
    assert_eq!(refused.status(), 200);
    assert!(refused.body().is_empty());
    for (name, value) in [
        ("content-type", "application/grpc+proto"),
        ("grpc-status", "8"),
        ("grpc-message", "rate limit exceeded"),
        ("retry-after", "60"),
        ("ratelimit", r#""global";r=0;t=60"#),
    ] {
        assert_eq!(refused.headers()[name], value);
    }
}

#[tokio::test]
async fn a_policy_in_shadow_refuses_nothing_and_tells_nothing() {
    let layer = layer(Policy::global(Quota::per_minute(1)).shadow(true));
    let mut silent = layer.clone().layer(service_fn(hello));
    let would = async |request: Request<()>| {
        let decision: Decision = *request.extensions().get().unwrap();
        let body = decision.shadow_denied.to_string();
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(body)))
    };
    let mut marked = layer.clone().shadow_field(true).layer(service_fn(would));
    let within = call(&mut marked).await;
    assert_eq!(
        (told(within.headers()), &**within.body()),
        (vec![], &b"false"[..])
    );
    let beyond = call(&mut marked).await;
    assert_eq!(
        (beyond.status().as_u16(), &**beyond.body()),
        (200, &b"true"[..])
    );
    assert_eq!(told(beyond.headers()), [r#"x-ratelimit-shadow: "global""#]);
    let beyond = call(&mut silent).await;
    assert_eq!(beyond.status(), 200);
    assert!(told(beyond.headers()).is_empty());
    assert_eq!(layer.limiter().stats().shadow_denied, 2);
}

#[tokio::test]
async fn who_is_kept_out_is_told_so() {
    let ban = Ban::after(1, Duration::from_secs(600));
    let policy = Policy::global(Quota::per_minute(1)).name("p").ban(ban);
    let layer = layer(policy);
    let mut types = Vec::new();
    for _ in 0..3 {
        let answer = call(&mut layer.layer(service_fn(hello))).await;
        let status = answer.status().as_u16();
        let wait = answer.headers().get("retry-after").cloned();
        let problem: serde_json::Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let kind = problem["type"].as_str().unwrap_or_default();
        let kind = kind.rsplit('#').next().unwrap_or_default().to_owned();
        types.push((status, wait, kind));
    }
    let seconds = |text| Some(HeaderValue::from_static(text));
    assert_eq!(types[0].0, 200);
    assert_eq!(types[1], (429, seconds("60"), "quota-exceeded".to_owned()));
    let banned = (429, seconds("600"), "abnormal-usage-detected".to_owned());
    assert_eq!(types[2], banned);
}
