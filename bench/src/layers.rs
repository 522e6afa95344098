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
use tower::layer::util::Identity;
use tower::{Service, ServiceExt};
use tower_governor::GovernorLayer;
use tower_redis::Toolkit;
use tower_redis::limit::{Policy, Quota};
use tower_redis::middleware::rate_limit::FieldVersion;

use crate::figure::figure;
use crate::harness::{Effort, Table};
use crate::runtime;

const OURS: [&str; 2] = [
    "tower-redis RateLimitLayer with fields, under Router::layer",
    "tower-redis RateLimitLayer without fields",
];
const THEIRS: [&str; 2] = [
    "tower_governor with headers",
    "tower_governor without headers",
];
/// How much of what the other layer adds to a request ours may add.
const BOUND: f64 = 0.5;

pub fn measure(effort: Effort) {
    let quota = Quota::per_second(1_000_000).burst(1_000_000);
    let ours = || {
        let layer = Toolkit::in_memory().rate_limit_layer(Policy::per_ip(quota));
        layer.expect("a valid policy")
    };
    let theirs = || {
        let mut config = tower_governor::governor::GovernorConfigBuilder::default();
        config.per_nanosecond(1_000).burst_size(1_000_000);
        config
    };
    let mut table = Table::new("a limited request by peer address, in process", THEIRS[0]);
    table.row("the bare router", requests(router()));
    // the router boxes what any layer makes of it, each request that it gets and each answer
    let nothing = router().layer(Identity::new());
    table.row(
        "a layer that does nothing, under Router::layer",
        requests(nothing),
    );
    table.row(OURS[0], requests(router().layer(ours())));
    let without = ours().fields(FieldVersion::None);
    table.row(OURS[1], requests(router().layer(without)));
    let config = theirs().use_headers().finish();
    let layer = GovernorLayer::new(Arc::new(config.expect("a valid configuration")));
    table.row(THEIRS[0], requests(router().layer(layer)));
    let config = theirs().finish();
    let layer = GovernorLayer::new(Arc::new(config.expect("a valid configuration")));
    table.row(THEIRS[1], requests(router().layer(layer)));

    let compared = table.measure_compared(effort);
    let added = |name: &str| {
        let row = compared.iter().find(|row| row.name == name);
        -row.expect("a row of the table").more
    };
    println!();
    for (ours, theirs) in OURS.iter().zip(THEIRS) {
        let what = format!("{ours}: what it adds, of {theirs}");
        figure(&what, added(ours) / added(theirs), "times", BOUND);
    }
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
