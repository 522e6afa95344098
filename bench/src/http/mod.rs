//! A hit of the HTTP cache: in process beside the layers of others, and served on loopback beside a bare router and
//! nginx. The response has 1 KiB, and nothing but a status, a type, a length and how long it is fresh.

mod client;
mod hits;
mod nginx;
mod served;
mod server;

use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{HeaderValue, Request};

pub use hits::measure as hits;
pub use served::measure as served;

const PATH: &str = "/report";
const HOST: &str = "example.test";

/// What the router answers with, without work for it.
static BODY: LazyLock<&'static str> = LazyLock::new(|| Box::leak("x".repeat(1_024).into()));

fn router() -> Router {
    let report = async || ([("cache-control", "max-age=3600")], *BODY);
    Router::new().route(PATH, get(report))
}

fn request() -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = PATH.parse().expect("a valid path");
    let fields = request.headers_mut();
    fields.insert("host", HeaderValue::from_static(HOST));
    request
}
