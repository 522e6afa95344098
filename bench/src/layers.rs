//! A limited request, beside the layers of others.

use std::convert::Infallible;
use std::hint::black_box;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::routing::get;
use http::{Request, Response};
use tower::{Service, ServiceExt};
use tower_redis::Toolkit;
use tower_redis::limit::{Policy, Quota};

use crate::harness::{Effort, Table};
use crate::runtime;

pub fn measure(effort: Effort) {
    let quota = Quota::per_second(1_000_000).burst(1_000_000);
    let ours = Toolkit::in_memory()
        .rate_limit_layer(Policy::per_ip(quota))
        .expect("a valid policy");
    let config = tower_governor::governor::GovernorConfigBuilder::default()
        .per_nanosecond(1_000)
        .burst_size(1_000_000)
        .finish()
        .expect("a valid configuration");
    let headers = tower_governor::governor::GovernorConfigBuilder::default()
        .per_nanosecond(1_000)
        .burst_size(1_000_000)
        .use_headers()
        .finish()
        .expect("a valid configuration");
    let mut table = Table::new(
        "a limited request by peer address, in process",
        "tower_governor with headers",
    );
    table.row("the bare router", requests(router()));
    table.row(
        "tower-redis RateLimitLayer (with fields), under Router::layer",
        requests(router().layer(ours)),
    );
    let theirs = tower_governor::GovernorLayer::new(Arc::new(headers));
    table.row(
        "tower_governor with headers",
        requests(router().layer(theirs)),
    );
    let theirs = tower_governor::GovernorLayer::new(Arc::new(config));
    table.row(
        "tower_governor without headers",
        requests(router().layer(theirs)),
    );
    table.measure(effort);
}

fn router() -> Router {
    let body = "x".repeat(1_024);
    let report = move || {
        let body = body.clone();
        async move { ([("cache-control", "max-age=3600")], body) }
    };
    Router::new().route("/report", get(report))
}

fn request() -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = "/report".parse().expect("a valid path");
    let peer = SocketAddr::from(([192, 0, 2, 7], 4_711));
    request
        .headers_mut()
        .insert("host", http::HeaderValue::from_static("example.test"));
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

fn requests<S, B>(service: S) -> impl FnMut(u64)
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible> + Clone + 'static,
    B: http_body_util::BodyExt + 'static,
{
    let (runtime, service) = (runtime(), service);
    move |n| {
        runtime.block_on(async {
            for _ in 0..n {
                let Ok(response) = service.clone().oneshot(request()).await;
                assert!(response.status().is_success());
                black_box(response.into_body().collect().await.is_ok());
            }
        });
    }
}
