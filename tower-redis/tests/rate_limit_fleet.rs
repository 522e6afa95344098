//! Two toolkits on one real server: what one decides holds in the other.
#![cfg(all(feature = "rate-limit", feature = "redis"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use tests::{RedisServer, eventually_async};
use tower::{Layer, ServiceExt, service_fn};
use tower_redis::Toolkit;
use tower_redis::config::{Settings, Variables};
use tower_redis::limit::{Ban, Policy, Quota};
use tower_redis::middleware::rate_limit::{Global, Header, PerPolicy, RateLimitLayer};

const USER: HeaderName = HeaderName::from_static("x-user");

type Two = RateLimitLayer<PerPolicy<(Header, Global)>>;

/// A process that lets each user call once an hour and bans whoever was denied twice, and ten calls of all.
fn process(server: &RedisServer) -> Two {
    // a busy machine is not what is tested here
    let variables = Variables::from([("REDIS_URL", &*server.url()), ("REDIS_TIMEOUT", "10s")]);
    let settings = Settings::read(&variables).unwrap();
    let toolkit = Toolkit::builder().settings(settings).build().unwrap();
    let ban = Ban::after(2, Duration::from_secs(600)).lasting(Duration::from_secs(86_400));
    toolkit
        .rate_limit_layer((
            Policy::per_header(USER, Quota::per_hour(1)).ban(ban),
            Policy::global(Quota::per_hour(10)),
        ))
        .unwrap()
}

async fn inner(_: Request<()>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::default())
}

/// The status, the type of the problem, and what is left of all.
async fn call(layer: &Two, user: &'static str) -> (u16, String, u64) {
    let mut request = Request::new(());
    let user = HeaderValue::from_static(user);
    request.headers_mut().insert(USER, user);
    let answer = layer.layer(service_fn(inner)).oneshot(request).await;
    let (head, body) = answer.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
    let kind = problem["type"].as_str().unwrap_or_default();
    let kind = kind.rsplit('#').next().unwrap().to_owned();
    let field = head.headers["ratelimit"].to_str().unwrap();
    let left = field
        .rsplit("r=")
        .next()
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    (head.status.into(), kind, left.parse().unwrap())
}

#[tokio::test]
async fn several_policies_are_shared_and_what_one_refuses_is_charged_nowhere() {
    let server = RedisServer::start();
    let [one, other] = [(); 2].map(|()| process(&server));
    assert_eq!(call(&one, "ada").await, (200, String::new(), 9));
    assert_eq!(call(&other, "grace").await, (200, String::new(), 8));
    let refused = (429, "quota-exceeded".to_owned(), 8);
    assert_eq!(call(&other, "ada").await, refused);
    assert_eq!(call(&one, "grace").await, refused);
    assert_eq!(call(&one, "edsger").await, (200, String::new(), 7));
}

#[tokio::test]
async fn a_ban_and_its_end_reach_the_other_toolkit() {
    let server = RedisServer::start();
    let [one, other] = [(); 2].map(|()| process(&server));
    assert_eq!(call(&one, "ada").await.0, 200);
    for _ in 0..2 {
        assert_eq!(call(&one, "ada").await.1, "quota-exceeded");
    }
    eventually_async("the other one keeps it out", async || {
        call(&other, "ada").await.1 == "abnormal-usage-detected"
    })
    .await;
    // one that starts only now does as well
    let third = process(&server);
    assert_eq!(call(&third, "ada").await.1, "abnormal-usage-detected");
    assert_eq!(call(&third, "grace").await.0, 200);

    // by the value of the field, as the layer counts it
    let [per_user, _] = third.limiters() else {
        panic!("two limiters");
    };
    assert!(per_user.reset("ada").await);
    eventually_async("it is let in again everywhere", async || {
        call(&other, "ada").await.0 == 200
    })
    .await;
    assert_eq!(call(&one, "ada").await.1, "quota-exceeded");
}
