//! The layer while counts lie in Redis, and while it is away.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tests::{Proxy, RedisServer, Target, eventually_async};
use tower::{Layer, Service, ServiceExt};

use crate::clock::Clock;
use crate::config::RedisSettings;
use crate::limit::{
    Algorithm, Basis, Decision, Limiter, LimiterSet, OnUnavailable, Policy, Quota, Shared,
};
use crate::wire::Wire;

use super::key::{Global, Header, PerPolicy};
use super::layer::RateLimitLayer;

/// Answers with the basis of what was decided. Only the one that was polled ready may be called.
#[derive(Default)]
struct Inner {
    reached: Arc<AtomicUsize>,
    ready: bool,
}

impl Clone for Inner {
    fn clone(&self) -> Self {
        Self {
            reached: Arc::clone(&self.reached),
            ready: false,
        }
    }
}

impl Service<Request<()>> for Inner {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Full<Bytes>>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        assert!(std::mem::take(&mut self.ready), "it was not polled ready");
        self.reached.fetch_add(1, Ordering::SeqCst);
        let decision = request.extensions().get::<Decision>().unwrap();
        ready(Ok(Response::new(Full::from(format!(
            "{:?}",
            decision.basis
        )))))
    }
}

fn layer(url: &str, timeout: &str, policy: OnUnavailable) -> RateLimitLayer<Global> {
    let wire = Wire::new(&RedisSettings::of(url, timeout), &Clock::system());
    let policy = Policy::global(Quota::per_hour(2)).on_unavailable(policy);
    let limiter = Limiter::shared(&policy, Clock::system(), &Shared::new(wire, "tr")).unwrap();
    RateLimitLayer::new(limiter, Global)
}

/// As long as it takes, so that a slow machine is no outage.
const PATIENT: &str = "10s";

/// A layer that waits as long as it takes.
fn patient(server: &RedisServer) -> RateLimitLayer<Global> {
    layer(&server.url(), PATIENT, OnUnavailable::Local)
}

/// A layer whose Redis is nowhere.
fn without(policy: OnUnavailable) -> RateLimitLayer<Global> {
    layer("redis+unix:///there/is/no/such/socket", "50ms", policy)
}

async fn call<S, B>(service: &mut S) -> Response<Bytes>
where
    S: Service<Request<()>, Response = Response<B>, Error = Infallible>,
    B: http_body::Body<Data = Bytes, Error = Infallible>,
{
    let ready = service.ready().await.unwrap();
    let (parts, body) = ready.call(Request::new(())).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Response::from_parts(parts, body)
}

#[tokio::test]
async fn two_processes_share_one_limit() {
    let server = RedisServer::start();
    let inner = Inner::default();
    let mut services = [patient(&server), patient(&server)].map(|layer| layer.layer(inner.clone()));
    for (n, left) in [(0, 1), (1, 0)] {
        let answer = call(&mut services[n]).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.body(), format!("{:?}", Basis::Shared).as_bytes());
        let field = answer.headers()["ratelimit"].to_str().unwrap();
        assert!(
            field.starts_with(&format!(r#""global";r={left};t=3"#)),
            "{field}"
        );
    }
    for service in &mut services {
        let refused = call(service).await;
        assert_eq!(refused.status(), 429);
        assert!(refused.headers().contains_key("ratelimit"));
        let wait = refused.headers()["retry-after"].to_str().unwrap();
        assert!(
            (3_500..=3_600).contains(&wait.parse::<u32>().unwrap()),
            "{wait}"
        );
    }
    assert_eq!(inner.reached.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn what_cannot_be_counted_is_no_fault_of_the_client() {
    let mut service = without(OnUnavailable::Closed).layer(Inner::default());
    let refused = call(&mut service).await;
    assert_eq!(refused.status(), 503);
    let expected = [
        ("ratelimit-policy", r#""global";q=2;w=3600"#),
        ("retry-after", "1"),
        ("content-type", "application/problem+json"),
        ("cache-control", "no-store"),
    ];
    assert_eq!(refused.headers().len(), expected.len());
    for (name, value) in expected {
        assert_eq!(refused.headers()[name], value);
    }
    let problem: serde_json::Value = serde_json::from_slice(refused.body()).unwrap();
    let expected = serde_json::json!({
        "title": "Service Unavailable",
        "status": 503,
        "error": "Service unavailable",
        "detail": "Requests cannot be counted at present, and this one is not let through \
                   uncounted. Try again later.",
    });
    assert_eq!(problem, expected);
}

#[tokio::test]
async fn what_is_not_known_is_not_told() {
    let mut service = without(OnUnavailable::Open).layer(Inner::default());
    for _ in 0..5 {
        let answer = call(&mut service).await;
        assert_eq!(answer.status(), 200);
        assert!(answer.headers().contains_key("ratelimit-policy"));
        assert!(!answer.headers().contains_key("ratelimit"));
    }
    let mut service = without(OnUnavailable::Local).layer(Inner::default());
    for status in [200, 200, 429] {
        let answer = call(&mut service).await;
        assert_eq!(answer.status(), status);
        assert!(answer.headers().contains_key("ratelimit"));
    }
}

#[tokio::test]
async fn a_request_reaches_the_service_when_it_was_decided() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let layer = layer(&proxy.url(), PATIENT, OnUnavailable::Local);
    let inner = Inner::default();
    let mut service = layer.layer(inner.clone());
    assert_eq!(call(&mut service).await.status(), 200);

    proxy.hold();
    let before = proxy.counts();
    service.ready().await.unwrap();
    let unpolled = service.call(Request::new(()));
    assert_eq!(proxy.counts().since(&before).command("EVALSHA"), 0);
    drop(unpolled);
    service.ready().await.unwrap();
    let mut waiting = pin!(service.call(Request::new(())));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(waiting.as_mut().poll(&mut cx).is_pending());
    assert_eq!(inner.reached.load(Ordering::SeqCst), 1);
    tokio::select! {
        biased;
        answer = &mut waiting => panic!("{answer:?}"),
        () = eventually_async("it has been sent", async || {
            proxy.counts().since(&before).command("EVALSHA") == 1
        }) => {}
    }
    proxy.restore();
    assert_eq!(waiting.as_mut().await.unwrap().status(), 200);
    assert_eq!(call(&mut service).await.status(), 429);
    assert_eq!(inner.reached.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn permits_are_held_and_given_back_across_processes() {
    let server = RedisServer::start();
    let layers = [(); 2].map(|()| {
        let wire = Wire::new(&RedisSettings::of(&server.url(), PATIENT), &Clock::system());
        let policy = Policy::global(Quota::per_hour(1)).algorithm(Algorithm::Concurrency);
        let limiter = Limiter::shared(&policy, Clock::system(), &Shared::new(wire, "tr")).unwrap();
        RateLimitLayer::new(limiter, Global)
    });
    let there = layers[1].limiter().clone();
    let mut services = layers.map(|layer| layer.layer(Inner::default()));
    let ready = services[0].ready().await.unwrap();
    let held = ready.call(Request::new(())).await.unwrap();
    assert_eq!(held.status(), 200);
    assert_eq!(call(&mut services[1]).await.status(), 503);
    drop(held);
    eventually_async("it has been given back", async || {
        there.peek(&()).await.remaining == 1
    })
    .await;
    assert_eq!(call(&mut services[1]).await.status(), 200);
}

#[tokio::test]
async fn who_leaves_while_redis_is_asked_is_charged_nothing_if_the_layer_says_so() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let layer = layer(&proxy.url(), PATIENT, OnUnavailable::Local).refund_abandoned();
    let inner = Inner::default();
    let mut service = layer.clone().layer(inner.clone());
    assert_eq!(call(&mut service).await.status(), 200);

    proxy.hold();
    let before = proxy.counts();
    let ready = service.ready().await.unwrap();
    let mut leaving = Box::pin(ready.call(Request::new(())));
    tokio::select! {
        biased;
        answer = &mut leaving => panic!("{answer:?}"),
        () = eventually_async("it has been sent", async || {
            proxy.counts().since(&before).command("EVALSHA") == 1
        }) => {}
    }
    drop(leaving);
    proxy.restore();
    eventually_async("it has been charged and given back", async || {
        let sent = proxy.counts().since(&before).command("EVALSHA");
        sent >= 2 && layer.limiter().peek(&()).await.remaining == 1
    })
    .await;
    assert_eq!(inner.reached.load(Ordering::SeqCst), 1);
}

/// Three policies that are asked together.
fn three(proxy: &Proxy) -> RateLimitLayer<PerPolicy<(Global, Header, Global)>> {
    let wire = Wire::new(&RedisSettings::of(&proxy.url(), PATIENT), &Clock::system());
    let shared = Shared::new(wire, "tr");
    let limiter = |name, permits| {
        let policy = Policy::new(name, Quota::per_hour(permits));
        Limiter::shared(&policy, Clock::system(), &shared).unwrap()
    };
    let set = LimiterSet::new([limiter("few", 2), limiter("more", 9), limiter("most", 50)]);
    let agent = Header::new(http::header::USER_AGENT);
    RateLimitLayer::new(set.unwrap(), PerPolicy((Global, agent, Global)))
}

#[tokio::test]
async fn who_leaves_while_redis_is_asked_is_charged_by_no_policy_of_several() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let layer = three(&proxy).refund_abandoned();
    let mut service = layer.clone().layer(Inner::default());
    assert_eq!(call(&mut service).await.status(), 200);
    proxy.hold();
    let before = proxy.counts();
    let mut leaving = Box::pin(service.ready().await.unwrap().call(Request::new(())));
    tokio::select! {
        biased;
        answer = &mut leaving => panic!("{answer:?}"),
        () = eventually_async("it has been sent", async || {
            proxy.counts().since(&before).command("EVALSHA") == 1
        }) => {}
    }
    drop(leaving);
    proxy.restore();
    let [few, _, most] = layer.limiters() else {
        panic!("three limiters");
    };
    eventually_async("it has been charged and given back", async || {
        let sent = proxy.counts().since(&before).command("EVALSHA");
        let left = [
            few.peek(&()).await.remaining,
            most.peek(&()).await.remaining,
        ];
        sent >= 4 && left == [1, 49]
    })
    .await;
}

#[tokio::test]
async fn several_policies_are_one_call_of_redis() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let layer = three(&proxy);
    let inner = Inner::default();
    let mut service = layer.layer(inner.clone());
    assert_eq!(call(&mut service).await.status(), 200);
    for (status, left) in [(200, [0, 7, 48]), (429, [0, 7, 48])] {
        let before = proxy.counts();
        let answer = call(&mut service).await;
        assert_eq!(proxy.counts().since(&before).all_commands(), 1);
        assert_eq!(answer.status(), status);
        let field = answer.headers()["ratelimit"].to_str().unwrap();
        let told = field.split(';').filter_map(|part| part.strip_prefix("r="));
        let told: Vec<u64> = told.map(|left| left.parse().unwrap()).collect();
        assert_eq!(told, left, "{field}");
    }
    assert_eq!(inner.reached.load(Ordering::SeqCst), 2);
}
