use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;
use tower::{Layer as _, Service as _};

use tower_redis::testing::ManualClock;

use crate::origin::{Origin, Site, layer, ok, request};
use tower_redis::middleware::http_cache::{CacheBody, CacheLayer, CacheService};

/// The types can be named in a signature.
fn named(layer: &CacheLayer, origin: Origin) -> CacheService<Origin> {
    layer.layer(origin)
}

fn router() -> (Router, Arc<AtomicUsize>) {
    let calls = Arc::<AtomicUsize>::default();
    let counter = Arc::clone(&calls);
    let handler = move || {
        let call = counter.fetch_add(1, Ordering::SeqCst);
        async move { ([("cache-control", "max-age=60")], format!("call {call}")) }
    };
    let router = Router::new().route("/a", get(handler.clone()).post(async || "done"));
    (router.route("/b", get(handler)), calls)
}

async fn text<B>(response: Response<B>) -> (String, String)
where
    B: http_body::Body<Data = Bytes, Error: std::fmt::Debug>,
{
    let status = response.headers()["cache-status"]
        .to_str()
        .unwrap()
        .to_owned();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn ask(method: &str, path: &str) -> Request<axum::body::Body> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "h");
    request.body(axum::body::Body::empty()).unwrap()
}

#[tokio::test]
async fn in_front_of_a_router() {
    let (router, calls) = router();
    let service = layer(&ManualClock::new(), true).layer(router);
    for _ in 0..3 {
        let response = service.clone().oneshot(ask("GET", "/a")).await.unwrap();
        let (_, body): (String, String) = text::<CacheBody<axum::body::Body>>(response).await;
        assert_eq!(body, "call 0");
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    service.clone().oneshot(ask("POST", "/a")).await.unwrap();
    let (status, body) = text(service.oneshot(ask("GET", "/a")).await.unwrap()).await;
    assert_eq!(
        (&*status, &*body),
        (
            "tower-redis; fwd=uri-miss; fwd-status=200; stored",
            "call 1"
        )
    );
}

#[tokio::test]
async fn under_a_router_s_layer() {
    let (router, calls) = router();
    let router = router.layer(layer(&ManualClock::new(), true));
    for (path, expected) in [
        ("/a", "call 0"),
        ("/b", "call 1"),
        ("/a", "call 0"),
        ("/b", "call 1"),
    ] {
        let response = router.clone().oneshot(ask("GET", path)).await.unwrap();
        assert_eq!(text(response).await.1, expected);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    router.clone().oneshot(ask("POST", "/a")).await.unwrap();
    assert_eq!(
        text(router.oneshot(ask("GET", "/a")).await.unwrap())
            .await
            .1,
        "call 2"
    );
}

#[tokio::test]
async fn on_one_route() {
    let (router, calls) = router();
    let cached = get(async || ([("cache-control", "max-age=60")], "cached"));
    let cached = cached.layer(layer(&ManualClock::new(), true));
    let router = router.route("/c", cached);
    let mut seen = Vec::new();
    for _ in 0..2 {
        let response = router.clone().oneshot(ask("GET", "/c")).await.unwrap();
        seen.push(text(response).await.0);
        let plain = router.clone().oneshot(ask("GET", "/a")).await.unwrap();
        assert!(!plain.headers().contains_key("cache-status"));
    }
    let stored = "tower-redis; fwd=uri-miss; fwd-status=200; stored";
    assert_eq!(seen, [stored, "tower-redis; hit; ttl=60"]);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

/// What one connection answers to `request`, until it closes.
async fn raw(address: std::net::SocketAddr, request: &str) -> String {
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn on_plain_hyper_with_many_connections() {
    let calls = Arc::<AtomicUsize>::default();
    let counter = Arc::clone(&calls);
    let origin = tower::service_fn(move |_: Request<hyper::body::Incoming>| {
        let call = counter.fetch_add(1, Ordering::SeqCst);
        let response = Response::builder()
            .header("cache-control", "max-age=60")
            .header("etag", "\"1\"")
            .body(Full::new(Bytes::from(format!("call {call}"))));
        std::future::ready(Ok::<_, Infallible>(response.unwrap()))
    });
    let service = layer(&ManualClock::new(), true).layer(origin);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = hyper_util::service::TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                let connection = hyper::server::conn::http1::Builder::new();
                let _ = connection
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });

    let get =
        |fields: &str| format!("GET /x HTTP/1.1\r\nhost: h\r\nconnection: close\r\n{fields}\r\n");
    let first = raw(address, &get("")).await;
    assert!(first.starts_with("HTTP/1.1 200"), "{first}");
    assert!(first.contains("cache-status: tower-redis; fwd=uri-miss; fwd-status=200; stored"));
    for _ in 0..20 {
        let hit = raw(address, &get("")).await;
        assert!(
            hit.contains("cache-status: tower-redis; hit; ttl=60"),
            "{hit}"
        );
        assert!(
            hit.contains("age: 0\r\n") && hit.contains("content-length: 6\r\n"),
            "{hit}"
        );
        assert!(hit.ends_with("\r\n\r\ncall 0"), "{hit}");
    }
    let unchanged = raw(address, &get("if-none-match: \"1\"\r\n")).await;
    assert!(
        unchanged.starts_with("HTTP/1.1 304") && unchanged.ends_with("\r\n\r\n"),
        "{unchanged}"
    );
    let head = "HEAD /x HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
    let head = raw(address, head).await;
    assert!(
        head.contains("content-length: 6\r\n") && head.ends_with("\r\n\r\n"),
        "{head}"
    );
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    server.abort();
}

#[test]
fn everything_can_be_sent_to_another_thread() {
    fn is_send<T: Send>() {}
    fn is_shared<T: Send + Sync>() {}
    is_shared::<CacheLayer>();
    is_shared::<CacheService<Router>>();
    is_send::<CacheBody<axum::body::Body>>();
    let _ = named;
}

/// Layers that make up an answer of their own, as tower-http's for CORS, timeouts and authorisation
/// do, ask for a body that is empty.
#[tokio::test]
async fn an_empty_body_can_be_made() {
    let body = CacheBody::<axum::body::Body>::default();
    assert!(http_body::Body::is_end_stream(&body));
    assert_eq!(http_body::Body::size_hint(&body).exact(), Some(0));
    assert!(body.collect().await.unwrap().to_bytes().is_empty());
}

/// A service that may be called but not cloned.
struct Unclonable(Origin);

impl Clone for Unclonable {
    fn clone(&self) -> Self {
        unreachable!("a hit clones nothing")
    }
}

impl tower::Service<Request<()>> for Unclonable {
    type Response = <Origin as tower::Service<Request<()>>>::Response;
    type Error = <Origin as tower::Service<Request<()>>>::Error;
    type Future = <Origin as tower::Service<Request<()>>>::Future;

    fn poll_ready(
        &mut self,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        self.0.call(request)
    }
}

#[tokio::test]
async fn neither_a_hit_nor_what_passes_clones_the_inner_service() {
    let site = Site::new(|_| ok("max-age=60", "x"));
    site.get("/").await;
    let mut service = site.layer.layer(Unclonable(site.origin.clone()));
    for method in ["GET", "HEAD", "GET", "POST"] {
        let ready = service.ready().await.unwrap();
        let answer = ready.call(request(method, "/", &[])).await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    assert_eq!(site.calls(), 2);
}

#[tokio::test]
#[cfg(feature = "axum")]
async fn nested_routers_that_share_a_store_do_not_answer_for_each_other() {
    let layer = layer(&ManualClock::new(), true);
    let inner = |name: &'static str| {
        let handler = async move || ([("cache-control", "max-age=60")], name);
        Router::new().route("/a", get(handler)).layer(layer.clone())
    };
    let router = Router::new()
        .nest("/one", inner("one"))
        .nest("/two", inner("two"));
    for (uri, name) in [("/one/a", "one"), ("/two/a", "two"), ("/one/a", "one")] {
        let request = Request::get(uri).body(axum::body::Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, name, "{uri}");
    }
    assert_eq!(layer.stats().near_hits, 1);
}

#[tokio::test]
#[cfg(feature = "axum")]
async fn a_target_that_was_rewritten_on_the_way_counts_as_it_is_now() {
    let handler = async |uri: http::Uri| ([("cache-control", "max-age=60")], uri.to_string());
    let inner = Router::new()
        .route("/{lang}/page", get(handler))
        .layer(layer(&ManualClock::new(), true));
    let rewriting = inner.map_request(|mut request: Request<axum::body::Body>| {
        let lang = request.headers()["lang"].to_str().unwrap();
        let rewritten = format!("/{lang}{}", request.uri());
        *request.uri_mut() = rewritten.parse().unwrap();
        request
    });
    let router = Router::new().fallback_service(rewriting);
    for lang in ["de", "fr", "de"] {
        let request = Request::get("/page").header("lang", lang);
        let request = request.body(axum::body::Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(text(response).await.1, format!("/{lang}/page"));
    }
}

#[tokio::test]
#[cfg(feature = "rate-limit")]
async fn what_several_policies_have_left_is_on_nothing_that_others_may_be_told() {
    use tower_redis::limit::{Policy, Quota};

    let site = Site::new(|_| ok("max-age=600", "x"));
    let kit = tower_redis::Toolkit::builder().clock(site.clock.clock());
    let policies = (
        Policy::global(Quota::per_minute(2)),
        Policy::global(Quota::per_hour(9)).name("hour"),
    );
    let limit = kit.build().unwrap().rate_limit_layer(policies).unwrap();
    let inside = site.layer.clone().name("inside");
    let inside = inside.layer(limit.layer(site.origin.clone()));
    let mut seen = Vec::new();
    for (method, uri) in [
        ("GET", "/a"),
        ("DELETE", "/b"),
        ("GET", "/c"),
        ("GET", "/a"),
    ] {
        let answer = inside.clone().oneshot(request(method, uri, &[])).await;
        let answer = answer.unwrap();
        let told = answer.headers().contains_key("ratelimit");
        seen.push((answer.status().as_u16(), told));
    }
    // what is kept has none of it, also when it is made; what is not kept, and a refusal, have it
    assert_eq!(seen, [(200, false), (200, true), (429, true), (200, false)]);
}

#[tokio::test]
#[cfg(feature = "rate-limit")]
async fn a_limit_outside_is_told_afresh_and_what_a_limit_inside_refuses_is_not_kept() {
    use tower_redis::limit::{Policy, Quota};

    let site = Site::new(|_| ok("max-age=600", "x"));
    let kit = tower_redis::Toolkit::builder().clock(site.clock.clock());
    let kit = kit.build().unwrap();
    let two = || kit.rate_limit_layer(Policy::global(Quota::per_minute(2)));

    let outside = two().unwrap().layer(site.service.clone());
    let mut seen = Vec::new();
    for _ in 0..2 {
        for _ in 0..3 {
            let answer = outside.clone().oneshot(request("GET", "/", &[])).await;
            let answer = answer.unwrap();
            let lines: Vec<_> = answer.headers().get_all("ratelimit").iter().collect();
            let hit = answer.headers().get("cache-status").is_some_and(|status| {
                let status = status.to_str().unwrap();
                status.contains("; hit;")
            });
            seen.push((answer.status().as_u16(), hit, format!("{lines:?}")));
        }
        site.pass_time(60);
    }
    let told = |status, hit, left: &str| (status, hit, format!("[{left:?}]"));
    let (one, none) = (r#""global";r=1;t=60"#, r#""global";r=0;t=60"#);
    assert_eq!(
        seen,
        [
            told(200, false, one),
            told(200, true, none),
            told(429, false, none),
            told(200, true, one),
            told(200, true, none),
            told(429, false, none),
        ]
    );

    let inside = site.layer.clone().name("inside");
    let inside = inside.layer(two().unwrap().layer(site.origin.clone()));
    let mut seen = Vec::new();
    for (method, uri, wait) in [
        ("GET", "/a", 0),
        ("HEAD", "/b", 0),
        ("GET", "/c", 0),
        ("GET", "/a", 0),
        ("DELETE", "/c", 60),
    ] {
        site.pass_time(wait);
        let answer = inside.clone().oneshot(request(method, uri, &[])).await;
        let answer = answer.unwrap();
        let told = answer.headers().contains_key("ratelimit");
        seen.push((answer.status().as_u16(), told));
    }
    // what one client has left is on nothing that others may be told
    let (kept, told) = ((200, false), (200, true));
    assert_eq!(seen, [kept, kept, (429, true), kept, told]);
}
