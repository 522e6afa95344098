//! The layer on a plain hyper service, over real connections.
#![cfg(all(feature = "rate-limit", feature = "testing"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_redis::Toolkit;
use tower_redis::limit::{Policy, Quota};
use tower_redis::middleware::PeerAddr;
use tower_redis::middleware::rate_limit::{PeerIp, RateLimitLayer};
use tower_redis::testing::ManualClock;

/// A toolkit on this clock.
fn toolkit(clock: &ManualClock) -> Toolkit {
    Toolkit::builder().clock(clock.clock()).build().unwrap()
}

async fn hello(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new("hello".into()))
}

/// Serves every connection with a service of its own made by one layer.
async fn serve(layer: RateLimitLayer<PeerIp>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, peer)) = listener.accept().await {
            let service = ServiceBuilder::new()
                .map_request(move |mut request: Request<Incoming>| {
                    request.extensions_mut().insert(PeerAddr(peer));
                    request
                })
                .layer(layer.clone())
                .service(service_fn(hello));
            let service = TowerToHyperService::new(service);
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

/// One request on a connection of its own; the whole answer.
async fn get(address: SocketAddr, method: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("{method} / HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn connections_share_one_limit() {
    let clock = ManualClock::new();
    let policy = Policy::per_ip(Quota::per_minute(20));
    let layer = toolkit(&clock).rate_limit_layer(policy).unwrap();
    let address = serve(layer).await;
    let calls = (0..100).map(|_| tokio::spawn(get(address, "GET")));
    let (mut admitted, mut refused) = (0, 0);
    for call in calls.collect::<Vec<_>>() {
        let answer = call.await.unwrap();
        if answer.starts_with("HTTP/1.1 200 OK\r\n") {
            assert!(answer.ends_with("\r\n\r\nhello"), "{answer}");
            admitted += 1;
        } else {
            assert!(
                answer.starts_with("HTTP/1.1 429 Too Many Requests\r\n"),
                "{answer}"
            );
            assert!(answer.contains("\r\nretry-after: 60\r\n"), "{answer}");
            assert!(answer.contains("\r\ncontent-length: "), "{answer}");
            assert!(
                answer.ends_with(r#""violated-policies":["per-ip"]}"#),
                "{answer}"
            );
            refused += 1;
        }
    }
    assert_eq!((admitted, refused), (20, 80));

    let head = get(address, "HEAD").await;
    assert!(head.starts_with("HTTP/1.1 429 "), "{head}");
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    clock.advance(std::time::Duration::from_secs(60));
    assert!(get(address, "GET").await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn a_boxed_service_and_a_named_one_are_the_same_to_it() {
    let clock = ManualClock::new();
    let policy = Policy::per_ip(Quota::per_minute(1));
    let layer = toolkit(&clock).rate_limit_layer(policy).unwrap();
    let answer = |_: Request<()>| async { Ok::<_, Infallible>(Response::new(Full::from("x"))) };
    let boxed: tower::util::BoxCloneSyncService<_, Response<Full<Bytes>>, Infallible> =
        tower::util::BoxCloneSyncService::new(service_fn(answer));
    let service = ServiceBuilder::new().layer(layer).service(boxed);
    let first = service.clone().oneshot(Request::new(())).await.unwrap();
    let second = service.oneshot(Request::new(())).await.unwrap();
    assert_eq!(
        (first.status().as_u16(), second.status().as_u16()),
        (200, 429)
    );
}
