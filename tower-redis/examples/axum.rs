//! A router behind both layers: `cargo run -p tower-redis --example axum --features axum`.
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::net::SocketAddr;

use axum::extract::Request;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Router, ServiceExt};
use tower::ServiceBuilder;
use tower_redis::Toolkit;
use tower_redis::limit::{Policy, Quota};

/// May be kept for ten seconds: the cache layer answers in its place until then.
async fn report() -> impl IntoResponse {
    ([(CACHE_CONTROL, "max-age=10")], "a report\n")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let toolkit = Toolkit::from_env()?;
    toolkit.install()?;

    let router = Router::new().route("/report", get(report));
    let app = ServiceBuilder::new() // in front of the router, a hit is cheaper than routing
        .map_response(IntoResponse::into_response) // `axum::serve` wants a body of its own type
        .layer(toolkit.rate_limit_layer(Policy::per_ip(Quota::per_minute(60).burst(10)))?)
        .layer(toolkit.cache_layer())
        .service(router);

    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:8080".into());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let app = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(app);
    axum::serve(listener, app).await?;
    Ok(())
}
