//! The limiter and its layer, without a server, under a turned clock.
#![cfg(all(feature = "rate-limit", feature = "testing"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service, ServiceExt};
use tower_redis::Toolkit;
use tower_redis::limit::{Algorithm, Decision, Outcome, Policy, Quota};
use tower_redis::middleware::PeerAddr;
use tower_redis::middleware::rate_limit::{
    Global, PeerIp, RateLimit, RateLimitBody, RateLimitFuture, RateLimitLayer, RateLimited,
};
use tower_redis::testing::ManualClock;

/// A toolkit on this clock.
fn toolkit(clock: &ManualClock) -> Toolkit {
    Toolkit::builder().clock(clock.clock()).build().unwrap()
}

const MINUTE: Duration = Duration::from_secs(60);

/// Answers with what was decided about the request, and counts what reaches it.
#[derive(Clone, Default)]
struct Inner {
    reached: Arc<AtomicUsize>,
    headers: HeaderMap,
}

impl Service<Request<()>> for Inner {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Full<Bytes>>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        self.reached.fetch_add(1, Ordering::SeqCst);
        let decision = request.extensions().get::<Decision>();
        let left = decision.map_or("-".into(), |decision| decision.remaining.to_string());
        let mut response = Response::new(Full::from(left));
        *response.headers_mut() = self.headers.clone();
        ready(Ok(response))
    }
}

fn from(peer: &str) -> Request<()> {
    let mut request = Request::new(());
    let peer: SocketAddr = peer.parse().unwrap();
    request.extensions_mut().insert(PeerAddr(peer));
    request
}

async fn call<S>(service: &mut S, request: Request<()>) -> Response<Bytes>
where
    S: Service<Request<()>, Response = Response<RateLimitBody<Full<Bytes>>>, Error = Infallible>,
{
    let response = service.ready().await.unwrap().call(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Response::from_parts(parts, body)
}

fn lines<'a>(response: &'a Response<Bytes>, name: &str) -> Vec<&'a str> {
    let lines = response.headers().get_all(name).iter();
    lines.map(|line| line.to_str().unwrap()).collect()
}

fn five_a_minute(clock: &ManualClock) -> RateLimitLayer<PeerIp> {
    let policy = Policy::per_ip(Quota::per_minute(5));
    toolkit(clock).rate_limit_layer(policy).unwrap()
}

#[tokio::test]
async fn five_in_any_minute() {
    let clock = ManualClock::new();
    let mut service = five_a_minute(&clock).layer(Inner::default());
    for left in (0..5).rev() {
        let answer = call(&mut service, from("192.0.2.1:1")).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(lines(&answer, "ratelimit-policy"), [r#""per-ip";q=5;w=60"#]);
        assert_eq!(
            lines(&answer, "ratelimit"),
            [format!(r#""per-ip";r={left};t=60"#)]
        );
        assert!(answer.headers().get("retry-after").is_none());
        assert_eq!(answer.body(), left.to_string().as_bytes());
    }
    clock.advance(Duration::from_secs(59));
    let refused = call(&mut service, from("192.0.2.1:2")).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(lines(&refused, "retry-after"), ["1"]);
    assert_eq!(lines(&refused, "ratelimit"), [r#""per-ip";r=0;t=1"#]);
    clock.advance(Duration::from_millis(1_100));
    let answer = call(&mut service, from("192.0.2.1:3")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(service.get_ref().reached.load(Ordering::SeqCst), 6);
}

#[tokio::test]
async fn a_refusal_says_everything() {
    let clock = ManualClock::new();
    let layer = five_a_minute(&clock);
    let mut service = layer.layer(Inner::default());
    for _ in 0..5 {
        call(&mut service, from("192.0.2.1:1")).await;
    }
    clock.advance(Duration::from_millis(300));
    let request = from("192.0.2.1:1");
    let refused = service.ready().await.unwrap().call(request).await.unwrap();
    let size = http_body::Body::size_hint(refused.body()).exact();
    let (parts, body) = refused.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    assert_eq!(size, Some(body.len() as u64));

    let expected = [
        ("ratelimit-policy", r#""per-ip";q=5;w=60"#),
        ("ratelimit", r#""per-ip";r=0;t=60"#),
        ("retry-after", "60"),
        ("content-type", "application/problem+json"),
        ("cache-control", "no-store"),
    ];
    assert_eq!(parts.headers.len(), expected.len());
    for (name, value) in expected {
        assert_eq!(parts.headers[name], value);
    }
    let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let expected = serde_json::json!({
        "type": "https://iana.org/assignments/http-problem-types#quota-exceeded",
        "title": "Rate limit exceeded",
        "status": 429,
        "error": "Rate limit exceeded",
        "violated-policies": ["per-ip"],
    });
    assert_eq!(problem, expected);
    let stats = layer.limiter().stats();
    assert_eq!(
        (stats.allowed, stats.denied, stats.keys, stats.overflowed),
        (5, 1, 1, 0)
    );
}

#[tokio::test]
async fn whoever_waits_as_told_gets_in() {
    let clock = ManualClock::new();
    for quota in [
        Quota::per_second(3).burst(1),
        Quota::per_second(3),
        Quota::per_hour(7).burst(2),
    ] {
        for algorithm in [
            Algorithm::Gcra,
            Algorithm::FixedWindow,
            Algorithm::StrictWindow,
        ] {
            let mut policy = Policy::per_ip(quota).algorithm(algorithm);
            if algorithm != Algorithm::Gcra {
                let plain = Quota::new(quota.permits(), quota.period());
                policy = Policy::per_ip(plain).algorithm(algorithm);
            }
            let layer = toolkit(&clock).rate_limit_layer(policy).unwrap();
            let mut service = layer.layer(Inner::default());
            let mut waits = 0;
            while waits < 20 {
                let answer = call(&mut service, from("192.0.2.1:1")).await;
                if answer.status() == StatusCode::OK {
                    clock.advance(Duration::from_millis(17));
                    continue;
                }
                let wait: u64 = lines(&answer, "retry-after")[0].parse().unwrap();
                let more: u64 = lines(&answer, "ratelimit")[0]
                    .rsplit_once("t=")
                    .unwrap()
                    .1
                    .parse()
                    .unwrap();
                assert!(wait >= 1);
                assert!(wait >= more);
                clock.advance(Duration::from_secs(wait));
                let answer = call(&mut service, from("192.0.2.1:1")).await;
                assert_eq!(answer.status(), StatusCode::OK, "{quota:?} {algorithm:?}");
                waits += 1;
            }
        }
    }
}

#[tokio::test]
async fn each_client_has_a_quota() {
    let clock = ManualClock::new();
    let policy = Policy::per_ip(Quota::per_minute(1));
    let layer = toolkit(&clock).rate_limit_layer(policy).unwrap();
    let mut service = layer.layer(Inner::default());
    let calls = [
        ("192.0.2.1:1", 200),
        ("192.0.2.1:2", 429),
        ("[::ffff:192.0.2.1]:1", 429),
        ("192.0.2.2:1", 200),
        ("[2001:db8:0:1ff::1]:1", 200),
        ("[2001:db8:0:100::2]:1", 429),
        ("[2001:db8:0:200::2]:1", 200),
    ];
    for (peer, status) in calls {
        let answer = call(&mut service, from(peer)).await;
        assert_eq!(answer.status(), status, "{peer}");
    }
    // nobody knows who these are
    assert_eq!(call(&mut service, Request::new(())).await.status(), 200);
    assert_eq!(call(&mut service, Request::new(())).await.status(), 429);
}

#[tokio::test]
async fn each_value_of_a_field_has_a_quota() {
    let clock = ManualClock::new();
    let name = HeaderName::from_static("x-api-key");
    let policy = Policy::per_header(name, Quota::per_minute(1));
    let layer = toolkit(&clock).rate_limit_layer(policy).unwrap();
    let mut service = layer.layer(Inner::default());
    let long = ["k".repeat(5_000), "k".repeat(5_001)];
    let calls: [(&[&str], u16); 9] = [
        (&["a"], 200),
        (&["a"], 429),
        (&["b"], 200),
        (&[], 200),
        (&[], 429),
        (&["c", "d"], 429),
        (&[&long[0]], 200),
        (&[&long[0]], 429),
        (&[&long[1]], 200),
    ];
    for (values, status) in calls {
        let mut request = Request::new(());
        for value in values {
            request
                .headers_mut()
                .append("x-api-key", value.parse().unwrap());
        }
        let answer = call(&mut service, request).await;
        assert_eq!(answer.status(), status, "{values:?}");
        assert_eq!(
            lines(&answer, "ratelimit-policy"),
            [r#""per-x-api-key";q=1;w=60"#]
        );
    }
}

#[tokio::test]
async fn one_limit_inside_another_shows_both() {
    let clock = ManualClock::new();
    let global = Policy::global(Quota::per_hour(1_000).burst(100));
    let outer = toolkit(&clock).rate_limit_layer(global).unwrap();
    let mut service = outer.layer(five_a_minute(&clock).layer(Inner::default()));
    let answer = service
        .ready()
        .await
        .unwrap()
        .call(from("192.0.2.1:1"))
        .await
        .unwrap();
    let fields = |name: &str| -> Vec<_> {
        let lines = answer.headers().get_all(name).iter();
        lines
            .map(|line| line.to_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        fields("ratelimit-policy"),
        [r#""per-ip";q=5;w=60"#, r#""global";q=100;w=360"#]
    );
    assert_eq!(
        fields("ratelimit"),
        [r#""per-ip";r=4;t=60"#, r#""global";r=99;t=4"#]
    );
}

#[tokio::test]
async fn fields_of_the_service_stay() {
    let clock = ManualClock::new();
    let mut inner = Inner::default();
    inner
        .headers
        .insert("ratelimit", r#""own";r=1"#.parse().unwrap());
    inner.headers.insert("retry-after", "7".parse().unwrap());
    let mut service = five_a_minute(&clock).layer(inner);
    let answer = call(&mut service, from("192.0.2.1:1")).await;
    assert_eq!(
        lines(&answer, "ratelimit"),
        [r#""own";r=1"#, r#""per-ip";r=4;t=60"#]
    );
    assert_eq!(lines(&answer, "retry-after"), ["7"]);
}

/// What a user writes who returns a limited service from a function.
fn limited(clock: &ManualClock) -> RateLimit<RateLimit<Inner, PeerIp>, Global> {
    let policy = Policy::global(Quota::per_minute(7));
    let global = toolkit(clock).rate_limit_layer(policy).unwrap();
    global.layer(five_a_minute(clock).layer(Inner::default()))
}

#[tokio::test]
async fn clones_and_services_of_a_layer_count_together() {
    let clock = ManualClock::new();
    let service = limited(&clock);
    for n in 0..7 {
        let request = from(["192.0.2.1:1", "192.0.2.2:1"][n % 2]);
        let future: RateLimitFuture<RateLimit<Inner, PeerIp>, ()> = service.clone().call(request);
        assert_eq!(future.await.unwrap().status(), 200);
    }
    let answer = service.clone().oneshot(from("192.0.2.3:1")).await.unwrap();
    assert_eq!(answer.status(), 429);

    let layer = five_a_minute(&clock);
    let mut services = [
        layer.layer(Inner::default()),
        layer.clone().layer(Inner::default()),
    ];
    for n in 0..6 {
        let answer = call(&mut services[n % 2], from("192.0.2.1:1")).await;
        assert_eq!(answer.status(), if n < 5 { 200 } else { 429 });
    }
}

#[tokio::test]
async fn a_handler_can_share_the_limiter_of_a_layer() {
    let clock = ManualClock::new();
    let policy = Policy::new("shared", Quota::per_minute(2));
    for peer in ["192.0.2.1:1", "[::ffff:192.0.2.1]:1", "[2001:db8::1]:1"] {
        let limiter = toolkit(&clock).limiter(&policy).unwrap();
        let layer = RateLimitLayer::new(limiter.clone(), PeerIp::new());
        let mut service = layer.layer(Inner::default());
        let peer_ip = peer.parse::<SocketAddr>().unwrap().ip();
        let key = PeerIp::new().subject(peer_ip);
        assert!(limiter.check(&key).await.is_allowed());
        assert_eq!(call(&mut service, from(peer)).await.status(), 200);
        assert_eq!(call(&mut service, from(peer)).await.status(), 429);

        let decision = limiter.check(&key).await;
        let refusal: Response<Full<Bytes>> = RateLimited::new(&limiter, decision).into_response();
        assert_eq!(refusal.status(), 429);
        assert_eq!(refusal.headers()["retry-after"], "60");
    }
    let limiter = toolkit(&clock).limiter(&policy).unwrap();
    let mut service = RateLimitLayer::new(limiter.clone(), Global).layer(Inner::default());
    assert!(limiter.check_n(&(), 2).await.is_allowed());
    assert_eq!(call(&mut service, from("192.0.2.1:1")).await.status(), 429);
}

#[tokio::test]
async fn what_never_passes_is_not_told_to_come_again() {
    let clock = ManualClock::new();
    let limiter = toolkit(&clock)
        .limiter(&Policy::new("bulk", Quota::per_minute(10)))
        .unwrap();
    let decision = limiter.check_n("job", 11).await;
    assert_eq!(decision.outcome, Outcome::Never);
    assert!(decision.is_never());
    assert_eq!((decision.remaining, decision.retry_after()), (10, None));
    let refusal: Response<Full<Bytes>> = RateLimited::new(&limiter, decision).into_response();
    assert_eq!(refusal.status(), 429);
    assert!(refusal.headers().get("retry-after").is_none());
    assert_eq!(refusal.headers()["ratelimit"], r#""bulk";r=10;t=0"#);
    assert!(limiter.check_n("job", 10).await.is_allowed());
}

#[tokio::test]
async fn a_check_is_ready_at_once() {
    let clock = ManualClock::new();
    let limiter = toolkit(&clock)
        .limiter(&Policy::new("p", Quota::per_minute(1)))
        .unwrap();
    let mut check = pin!(limiter.check("key"));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(check.as_mut().poll(&mut cx).is_ready());
}

/// A service that is not ready until it is told.
#[derive(Clone)]
struct Slow(Arc<AtomicUsize>);

impl Service<Request<()>> for Slow {
    type Response = Response<Full<Bytes>>;
    type Error = &'static str;
    type Future = Ready<Result<Response<Full<Bytes>>, &'static str>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        match self.0.load(Ordering::SeqCst) {
            0 => Poll::Pending,
            1 => Poll::Ready(Ok(())),
            _ => Poll::Ready(Err("broken")),
        }
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Err("failed"))
    }
}

#[tokio::test]
async fn readiness_and_errors_are_those_of_the_service() {
    let clock = ManualClock::new();
    let state = Arc::new(AtomicUsize::new(0));
    let mut service = five_a_minute(&clock).layer(Slow(Arc::clone(&state)));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(service.poll_ready(&mut cx).is_pending());
    state.store(1, Ordering::SeqCst);
    assert!(matches!(service.poll_ready(&mut cx), Poll::Ready(Ok(()))));
    assert_eq!(
        service.call(from("192.0.2.1:1")).await.unwrap_err(),
        "failed"
    );
    state.store(2, Ordering::SeqCst);
    assert!(matches!(
        service.poll_ready(&mut cx),
        Poll::Ready(Err("broken"))
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_tasks_on_one_key_admit_exactly_the_quota() {
    for algorithm in [
        Algorithm::Gcra,
        Algorithm::FixedWindow,
        Algorithm::StrictWindow,
    ] {
        let clock = ManualClock::new();
        let policy = Policy::new("p", Quota::per_minute(1_000)).algorithm(algorithm);
        let limiter = toolkit(&clock).limiter(&policy).unwrap();
        for _ in 0..3 {
            let tasks = (0..64).map(|_| {
                let limiter = limiter.clone();
                tokio::spawn(async move {
                    let mut admitted = 0;
                    for _ in 0..100 {
                        admitted += usize::from(limiter.check("hot").await.is_allowed());
                        tokio::task::yield_now().await;
                    }
                    admitted
                })
            });
            let mut admitted = 0;
            for task in tasks.collect::<Vec<_>>() {
                admitted += task.await.unwrap();
            }
            assert_eq!(admitted, 1_000, "{algorithm:?}");
            clock.advance(MINUTE);
        }
        let stats = limiter.stats();
        assert_eq!(
            (stats.allowed, stats.denied, stats.keys),
            (3_000, 3 * 5_400, 1)
        );
    }
}

#[test]
fn a_policy_that_cannot_work_does_not_build() {
    let clock = ManualClock::new();
    let quota = Quota::per_minute(5);
    let says = [
        (
            Policy::new("", quota),
            r#"the policy name "" is empty; expected 1 to 64 printable"#,
        ),
        (
            Policy::new("caf\u{e9}", quota),
            "has a character that is not printable ASCII",
        ),
        (Policy::new("x".repeat(65), quota), "is too long"),
        (
            Policy::new("p", Quota::per_minute(0)),
            r#"the policy "p": a quota of 0 permits; expected at least 1"#,
        ),
        (
            Policy::new("p", quota.burst(0)),
            "a burst of 0; expected at least 1",
        ),
        (
            Policy::new("p", quota.burst(2)).algorithm(Algorithm::StrictWindow),
            "a burst of 2 with StrictWindow, which has none; expected a quota without `burst`, or",
        ),
        (
            Policy::new("p", quota).max_keys(0),
            "room for 0 keys; expected at least 1",
        ),
        (
            Policy::new("p", Quota::new(1, Duration::ZERO)),
            "a period of at least one microsecond",
        ),
        (
            Policy::new(
                "p",
                Quota::new(1, Duration::from_secs(86_400 * 365)).burst(1 << 20),
            ),
            "cannot be counted exactly",
        ),
    ];
    for (policy, said) in says {
        let refusal = toolkit(&clock).limiter(&policy).unwrap_err();
        assert!(refusal.is_config());
        assert!(refusal.to_string().contains(said), "{refusal}");
    }
}

#[test]
fn keys_are_never_printed() {
    let clock = ManualClock::new();
    let limiter = toolkit(&clock)
        .limiter(&Policy::new("p", Quota::per_minute(5)))
        .unwrap();
    pollster::block_on(limiter.check("secret"));
    let layer = RateLimitLayer::new(limiter, Global);
    assert!(!format!("{layer:?}").contains("secret"));
}
