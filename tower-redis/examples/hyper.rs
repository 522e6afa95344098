//! Both layers around a service of hyper's, without a framework:
//! `cargo run -p tower-redis --example hyper`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example prints"
)]

use std::convert::Infallible;

use bytes::Bytes;
use http::header::CACHE_CONTROL;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tower::{ServiceBuilder, service_fn};
use tower_redis::Toolkit;
use tower_redis::limit::{Policy, Quota};
use tower_redis::middleware::PeerAddr;

async fn report(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::from("a report\n"));
    let fields = response.headers_mut();
    fields.insert(CACHE_CONTROL, http::HeaderValue::from_static("max-age=10"));
    Ok(response)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let toolkit = Toolkit::from_env()?;
    // made once: its clones share the cache and the count
    let service = ServiceBuilder::new()
        .layer(toolkit.rate_limit_layer(Policy::per_ip(Quota::per_minute(60).burst(10)))?)
        .layer(toolkit.cache_layer())
        .service_fn(report);

    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:8080".into());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    loop {
        let (stream, peer) = listener.accept().await?;
        // whom the limit counts: hyper does not know, the listener does
        let service = service.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(PeerAddr(peer));
            tower::ServiceExt::oneshot(service.clone(), request)
        });
        tokio::spawn(async move {
            let connection = Builder::new(TokioExecutor::new());
            let service = TowerToHyperService::new(service);
            if let Err(error) = connection
                .serve_connection(TokioIo::new(stream), service)
                .await
            {
                eprintln!("{peer}: {error}");
            }
        });
    }
}
