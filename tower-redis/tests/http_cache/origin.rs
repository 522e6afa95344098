//! A scripted origin behind a cache, and what came out of it.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use tower::Layer as _;
use tower::Service;
use tower::ServiceExt as _;

use tower_redis::Toolkit;
use tower_redis::config::{Settings, Variables};
use tower_redis::testing::ManualClock;

use tower_redis::middleware::http_cache::{CacheLayer, CacheService};

pub(crate) type Content = UnsyncBoxBody<Bytes, Broken>;
pub(crate) type Answering = Pin<Box<dyn Future<Output = Result<Response<Content>, Broken>> + Send>>;

/// The origin, or its body, failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the origin broke")
    }
}

impl std::error::Error for Broken {}

/// A service that is called only after it was ready, and is not ready because a clone was.
pub(crate) struct Origin {
    script: Arc<dyn Fn(Request<()>) -> Answering + Send + Sync>,
    pub(crate) log: Arc<Log>,
    ready: bool,
}

#[derive(Default)]
pub(crate) struct Log {
    calls: AtomicUsize,
    pub(crate) seen: Mutex<Vec<(String, HeaderMap)>>,
}

impl Clone for Origin {
    fn clone(&self) -> Self {
        Self {
            script: Arc::clone(&self.script),
            log: Arc::clone(&self.log),
            ready: false,
        }
    }
}

impl Service<Request<()>> for Origin {
    type Response = Response<Content>;
    type Error = Broken;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Answering {
        assert!(self.ready, "called without having been ready");
        self.ready = false;
        self.log.calls.fetch_add(1, Ordering::SeqCst);
        let line = format!("{} {}", request.method(), request.uri());
        self.log
            .seen
            .lock()
            .unwrap()
            .push((line, request.headers().clone()));
        (self.script)(request)
    }
}

/// A cache in front of an origin.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) clock: ManualClock,
    pub(crate) layer: CacheLayer,
    pub(crate) origin: Origin,
    pub(crate) service: CacheService<Origin>,
}

pub(crate) fn layer(clock: &ManualClock, enabled: bool) -> CacheLayer {
    let settings = Variables::from([("CACHE_ENABLED", enabled.to_string())]);
    let settings = Settings::read(&settings).unwrap();
    let toolkit = Toolkit::builder().clock(clock.clock()).settings(settings);
    toolkit.build().unwrap().cache_layer()
}

impl Site {
    /// An origin that answers at once.
    pub(crate) fn new(
        script: impl Fn(&Request<()>) -> Response<Content> + Send + Sync + 'static,
    ) -> Self {
        Self::later(move |request| {
            let response = script(&request);
            Box::pin(std::future::ready(Ok(response)))
        })
    }

    pub(crate) fn later(script: impl Fn(Request<()>) -> Answering + Send + Sync + 'static) -> Self {
        let clock = ManualClock::new();
        let layer = layer(&clock, true);
        let origin = Origin {
            script: Arc::new(script),
            log: Arc::default(),
            ready: false,
        };
        let service = layer.layer(origin.clone());
        Self {
            clock,
            layer,
            origin,
            service,
        }
    }

    pub(crate) fn with(mut self, set_up: impl FnOnce(CacheLayer) -> CacheLayer) -> Self {
        self.layer = set_up(self.layer);
        self.service = self.layer.layer(self.origin.clone());
        self
    }

    pub(crate) fn calls(&self) -> usize {
        self.origin.log.calls.load(Ordering::SeqCst)
    }

    /// The fields of the last request that reached the origin.
    pub(crate) fn last_seen(&self) -> HeaderMap {
        self.origin
            .log
            .seen
            .lock()
            .unwrap()
            .last()
            .unwrap()
            .1
            .clone()
    }

    pub(crate) fn pass_time(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) async fn send(&self, request: Request<()>) -> Result<Answer, Broken> {
        let response = self.service.clone().oneshot(request).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|_| Broken)?;
        Ok(Answer {
            status: parts.status,
            fields: parts.headers,
            trailers: body.trailers().cloned(),
            body: body.to_bytes(),
        })
    }

    pub(crate) async fn get(&self, uri: &str) -> Answer {
        self.send(request("GET", uri, &[])).await.unwrap()
    }

    pub(crate) async fn get_with(&self, uri: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(request("GET", uri, fields)).await.unwrap()
    }

    pub(crate) async fn ask(&self, method: &str, uri: &str) -> Answer {
        self.send(request(method, uri, &[])).await.unwrap()
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) fields: HeaderMap,
    pub(crate) trailers: Option<HeaderMap>,
    pub(crate) body: Bytes,
}

impl Answer {
    /// What `Cache-Status` says behind the name of the cache.
    #[track_caller]
    pub(crate) fn cache(&self) -> &str {
        let mut lines = self.fields.get_all("cache-status").iter();
        let ours = lines.next_back().expect("every answer has a Cache-Status");
        let ours = ours.to_str().unwrap().strip_prefix("tower-redis; ");
        ours.expect("the member begins with the name of the cache")
    }

    #[track_caller]
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut lines = self.fields.get_all(name).iter();
        let first = lines.next()?;
        assert!(lines.next().is_none(), "`{name}` has one line");
        Some(first.to_str().unwrap())
    }

    pub(crate) fn age(&self) -> Option<u64> {
        self.field("age").map(|age| age.parse().unwrap())
    }

    #[track_caller]
    pub(crate) fn is_hit(&self) -> bool {
        self.cache().starts_with("hit;")
    }
}

pub(crate) fn request(method: &str, uri: &str, fields: &[(&str, &str)]) -> Request<()> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap()
}

pub(crate) fn full(text: impl Into<Bytes>) -> Content {
    let body = Full::new(text.into());
    body.map_err(|never| match never {}).boxed_unsync()
}

pub(crate) fn respond(
    status: u16,
    fields: &[(&'static str, &str)],
    text: impl Into<Bytes>,
) -> Response<Content> {
    let mut response = Response::new(full(text));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in fields {
        let value = HeaderValue::from_str(value).unwrap();
        response.headers_mut().append(*name, value);
    }
    response
}

/// 200 with a `Cache-Control`.
pub(crate) fn ok(cache_control: &str, text: impl Into<Bytes>) -> Response<Content> {
    respond(200, &[("cache-control", cache_control)], text)
}

/// Lets all other tasks of a current-thread runtime run until they wait.
pub(crate) async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}
