//! The order of layers that `docs/http-caching.md` tells: what each of them does outside of the cache, and inside.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt as _, Full};
use tower::{Service, ServiceBuilder, ServiceExt as _, service_fn};
use tower_http::auth::AddAuthorizationLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use tower_http::validate_request::ValidateRequestHeaderLayer;

use tower_redis::testing::ManualClock;

use crate::origin::layer;

type Page = Response<Full<Bytes>>;

/// A handler with a page of several thousand bytes, and how often it ran.
fn page(
    cache_control: &'static str,
) -> (
    impl Service<Request<String>, Response = Page, Error = Infallible, Future: Send> + Clone + Send,
    Arc<AtomicUsize>,
) {
    let calls = Arc::<AtomicUsize>::default();
    let counter = Arc::clone(&calls);
    let handler = service_fn(move |_: Request<String>| {
        counter.fetch_add(1, Ordering::SeqCst);
        let response = Response::builder()
            .header("cache-control", cache_control)
            .header("content-type", "text/plain")
            .body(Full::from("word ".repeat(1000)));
        std::future::ready(Ok(response.unwrap()))
    });
    (handler, calls)
}

fn ask(fields: &[(&str, &str)]) -> Request<String> {
    let mut request = Request::builder().uri("http://site.example/");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(String::new()).unwrap()
}

async fn send<S, B>(service: &S, request: Request<String>) -> (Response<()>, Bytes)
where
    S: Service<Request<String>, Response = Response<B>> + Clone,
    S::Error: std::fmt::Debug,
    B: Body<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    let response = service.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (Response::from_parts(parts, ()), body)
}

fn status<B>(response: &Response<B>) -> &str {
    response.headers()["cache-status"].to_str().unwrap()
}

#[tokio::test]
async fn compression_inside_compresses_once_for_each_encoding() {
    let (handler, calls) = page("max-age=60");
    let service = ServiceBuilder::new()
        .layer(layer(&ManualClock::new(), true))
        .layer(CompressionLayer::new())
        .service(handler);
    let gzip = [("accept-encoding", "gzip")];
    let (first, compressed) = send(&service, ask(&gzip)).await;
    assert_eq!(first.headers()["content-encoding"], "gzip");
    let (hit, again) = send(&service, ask(&gzip)).await;
    assert!(status(&hit).contains("; hit;"));
    assert_eq!(hit.headers()["content-encoding"], "gzip");
    assert_eq!(
        again, compressed,
        "the very bytes that were compressed before"
    );
    let (plain, body) = send(&service, ask(&[])).await;
    assert!(plain.headers().get("content-encoding").is_none());
    assert_eq!(body.len(), 5000, "who takes no encoding gets none");
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn compression_outside_keeps_one_response_and_compresses_each_time() {
    let (handler, calls) = page("max-age=60");
    let service = ServiceBuilder::new()
        .layer(CompressionLayer::new())
        .layer(layer(&ManualClock::new(), true))
        .service(handler);
    for fields in [&[("accept-encoding", "gzip")][..], &[]] {
        let (response, body) = send(&service, ask(fields)).await;
        let encoded = response.headers().get("content-encoding").is_some();
        assert_eq!(encoded, !fields.is_empty());
        assert_eq!(body.len() < 5000, encoded);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn cors_outside_answers_each_origin_from_one_response() {
    let (handler, calls) = page("max-age=60");
    let origins = ["http://a.example", "http://b.example"];
    let allowed = AllowOrigin::list(origins.map(|origin| origin.parse().unwrap()));
    let service = ServiceBuilder::new()
        .layer(CorsLayer::new().allow_origin(allowed))
        .layer(layer(&ManualClock::new(), true))
        .service(handler);
    for origin in origins {
        let (response, _) = send(&service, ask(&[("origin", origin)])).await;
        assert_eq!(response.headers()["access-control-allow-origin"], origin);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn cors_inside_is_right_too_with_a_response_for_each_origin() {
    let (handler, calls) = page("max-age=60");
    let origins = ["http://a.example", "http://b.example"];
    let allowed = AllowOrigin::list(origins.map(|origin| origin.parse().unwrap()));
    let service = ServiceBuilder::new()
        .layer(layer(&ManualClock::new(), true))
        .layer(CorsLayer::new().allow_origin(allowed))
        .service(handler);
    for _ in 0..2 {
        for origin in origins {
            let (response, _) = send(&service, ask(&[("origin", origin)])).await;
            assert_eq!(response.headers()["access-control-allow-origin"], origin);
        }
    }
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
#[expect(
    deprecated,
    reason = "what it is deprecated for, the strength of the check, is not in question here"
)]
async fn a_check_of_credentials_belongs_outside() {
    let (handler, _) = page("public, max-age=60");
    let cache = layer(&ManualClock::new(), true);
    let checked = ServiceBuilder::new()
        .layer(ValidateRequestHeaderLayer::bearer("secret"))
        .layer(cache.clone())
        .service(handler.clone());
    let bearer = [("authorization", "Bearer secret")];
    let (fine, _) = send(&checked, ask(&bearer)).await;
    assert_eq!(fine.status(), StatusCode::OK);
    let (refused, _) = send(&checked, ask(&[])).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);

    // inside, what is stored answers before anybody has looked
    let unchecked = ServiceBuilder::new()
        .layer(cache)
        .layer(ValidateRequestHeaderLayer::bearer("secret"))
        .service(handler);
    let (leaked, _) = send(&unchecked, ask(&[])).await;
    assert_eq!(leaked.status(), StatusCode::OK);
}

#[tokio::test]
async fn credentials_added_inside_are_not_the_client_s() {
    let (handler, calls) = page("max-age=60");
    let service = ServiceBuilder::new()
        .layer(layer(&ManualClock::new(), true))
        .layer(AddAuthorizationLayer::bearer("of the service"))
        .service(handler);
    for _ in 0..2 {
        send(&service, ask(&[])).await;
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1, "shared, as for any client");
}

/// A handler that answers once, and hangs from then on.
fn hangs_up()
-> impl Service<Request<String>, Response = Page, Error = Infallible, Future: Send> + Clone + Send {
    let calls = Arc::<AtomicUsize>::default();
    service_fn(move |_: Request<String>| {
        let first = calls.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            if !first {
                std::future::pending::<()>().await;
            }
            let response =
                Response::builder().header("cache-control", "max-age=1, stale-if-error=60");
            Ok::<_, Infallible>(response.body(Full::<Bytes>::from("page")).unwrap())
        }
    })
}

const SECONDS: Duration = Duration::from_secs(5);

#[tokio::test(start_paused = true)]
async fn a_timeout_inside_is_a_failure_that_something_stale_covers_if_it_says_so() {
    for (late, covered) in [
        (StatusCode::GATEWAY_TIMEOUT, true),
        // what tower-http says unless it is told otherwise: that the client was too slow
        (StatusCode::REQUEST_TIMEOUT, false),
    ] {
        let clock = ManualClock::new();
        let service = ServiceBuilder::new()
            .layer(layer(&clock, true))
            .layer(TimeoutLayer::with_status_code(late, SECONDS))
            .service(hangs_up());
        send(&service, ask(&[])).await;
        clock.advance(Duration::from_secs(2));
        let (answer, body) = send(&service, ask(&[])).await;
        if covered {
            assert_eq!((answer.status(), &*body), (StatusCode::OK, &b"page"[..]));
            let told = "fwd-status=504; detail=\"stale-if-error\"";
            assert!(status(&answer).ends_with(told));
        } else {
            assert_eq!(answer.status(), late);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_timeout_outside_ends_the_wait_for_another_request_too() {
    let clock = ManualClock::new();
    let service = ServiceBuilder::new()
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            SECONDS,
        ))
        .layer(layer(&clock, true))
        .service(hangs_up());
    send(&service, ask(&[])).await;
    clock.advance(Duration::from_secs(2));
    let both = tokio::join!(send(&service, ask(&[])), send(&service, ask(&[])));
    for (answer, _) in [both.0, both.1] {
        assert_eq!(answer.status(), StatusCode::GATEWAY_TIMEOUT);
        assert!(!answer.headers().contains_key("cache-status"));
    }
}

#[tokio::test]
async fn a_trace_sees_what_the_cache_answers_from_outside_alone() {
    for outside in [true, false] {
        let (handler, calls) = page("max-age=60");
        let seen = Arc::<AtomicUsize>::default();
        let counter = Arc::clone(&seen);
        let trace =
            TraceLayer::new_for_http().on_request(move |_: &Request<_>, _: &tracing::Span| {
                counter.fetch_add(1, Ordering::SeqCst);
            });
        let cache = layer(&ManualClock::new(), true);
        if outside {
            let service = ServiceBuilder::new().layer(trace).layer(cache);
            let service = service.service(handler);
            for _ in 0..3 {
                send(&service, ask(&[])).await;
            }
        } else {
            let service = ServiceBuilder::new().layer(cache).layer(trace);
            let service = service.service(handler);
            for _ in 0..3 {
                send(&service, ask(&[])).await;
            }
        }
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        assert_eq!(seen.load(Ordering::SeqCst), if outside { 3 } else { 1 });
    }
}
