//! What the checks share.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::Full;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_redis::Toolkit;
use tower_redis::config::{Settings, Variables};
use tower_redis::limit::Limiter;
use tower_redis::middleware::rate_limit::{RateLimitLayer, RequestKey};
use tower_redis::testing::ManualClock;

/// What a check found: nothing, or the trap.
pub(crate) type Verdict = Result<(), String>;

/// The trap, unless `holds`.
pub(crate) fn unless(holds: bool, trap: impl Into<String>) -> Verdict {
    if holds { Ok(()) } else { Err(trap.into()) }
}

/// What is ours is free of the trap, and the check does find it where it is.
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "what was found is made for this call"
)]
pub(crate) fn only_naive(ours: Verdict, naive: Verdict) {
    assert_eq!(ours, Ok(()));
    assert!(
        naive.is_err(),
        "the check finds nothing in the naive version"
    );
}

/// A toolkit in memory, on this clock.
pub(crate) fn toolkit(clock: &ManualClock) -> Toolkit {
    Toolkit::builder().clock(clock.clock()).build().unwrap()
}

/// One process that uses the Redis of `url`.
pub(crate) fn process(url: &str, timeout: &str, clock: &ManualClock) -> Toolkit {
    let variables = Variables::from([("REDIS_URL", url), ("REDIS_TIMEOUT", timeout)]);
    let builder = Toolkit::builder().settings(Settings::read(&variables).unwrap());
    builder.clock(clock.clock()).build().unwrap()
}

/// Whether `key` may.
pub(crate) fn passes(limiter: &Limiter, key: &str) -> bool {
    pollster::block_on(limiter.check(key)).is_allowed()
}

/// How many of `calls` passed.
pub(crate) fn admitted(calls: usize, mut passes: impl FnMut() -> bool) -> usize {
    (0..calls).filter(|_| passes()).count()
}

/// What a client sees of an answer.
pub(crate) type Seen = (StatusCode, HeaderMap);

/// A server as a client sees it.
pub(crate) type Server = Box<dyn FnMut(Request<()>) -> Seen>;

/// A server behind `layer`, as one connection has it.
pub(crate) fn served<K>(layer: &RateLimitLayer<K>) -> Server
where
    K: RequestKey + Send + Sync + 'static,
{
    let mut service = layer.layer(service_fn(async |_: Request<()>| {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    }));
    Box::new(move |request| {
        let ready = pollster::block_on(ServiceExt::<Request<()>>::ready(&mut service));
        let Ok(answer) = pollster::block_on(ready.unwrap().call(request));
        (answer.status(), answer.headers().clone())
    })
}

/// A naive server that is told which requests pass.
pub(crate) fn naive(mut passes: impl FnMut(&Request<()>) -> bool + 'static) -> Server {
    Box::new(move |request| match passes(&request) {
        true => (StatusCode::OK, HeaderMap::new()),
        false => (StatusCode::TOO_MANY_REQUESTS, HeaderMap::new()),
    })
}

/// A field of an answer as a number.
pub(crate) fn seconds(seen: &Seen, name: &str) -> Option<u64> {
    seen.1.get(name)?.to_str().ok()?.parse().ok()
}
