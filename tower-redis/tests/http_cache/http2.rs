//! Over HTTP/2 on the wire, around bodies as gRPC has them.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue};
use http::{Request, Response, Version};
use http_body::{Body, Frame};
use http_body_util::{BodyExt as _, Empty, StreamBody};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer as _, service_fn};
use tower_redis::Toolkit;

use crate::origin::Content;

/// Frames as a handler of gRPC sends them: messages, then the status.
fn frames(pieces: usize) -> impl Body<Data = Bytes, Error = Infallible> + Send + 'static {
    let messages = (0..pieces).map(|at| Ok(Frame::data(Bytes::from(format!("message {at};")))));
    let mut status = HeaderMap::new();
    status.insert("grpc-status", HeaderValue::from_static("0"));
    let all = messages.chain([Ok(Frame::trailers(status))]);
    StreamBody::new(futures_util::stream::iter(all))
}

/// Serves `make`'s bodies over HTTP/2 from behind a cache: a client, and how often the handler was asked.
async fn served<B>(make: fn() -> B) -> (SendRequest<Empty<Bytes>>, Arc<AtomicUsize>)
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let calls = Arc::<AtomicUsize>::default();
    let counter = Arc::clone(&calls);
    let handler = service_fn(move |request: Request<Incoming>| {
        assert_eq!(request.version(), Version::HTTP_2);
        counter.fetch_add(1, Ordering::SeqCst);
        let response = Response::builder().header("cache-control", "max-age=60");
        let response = response.header("content-type", "application/grpc");
        std::future::ready(Ok::<_, Infallible>(response.body(make()).unwrap()))
    });
    let service = Toolkit::in_memory().cache_layer().layer(handler);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(service.clone());
            let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            tokio::spawn(server.serve_connection(TokioIo::new(stream), service));
        }
    });
    let stream = TcpStream::connect(address).await.unwrap();
    let connected =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (client, connection) = connected.await.unwrap();
    tokio::spawn(connection);
    (client, calls)
}

struct Got {
    fields: HeaderMap,
    body: Bytes,
    trailers: Option<HeaderMap>,
}

async fn get(client: &SendRequest<Empty<Bytes>>, method: &str) -> Got {
    let mut client = client.clone();
    client.ready().await.unwrap();
    let request = Request::builder()
        .method(method)
        .uri("http://site.example/a");
    let request = request.version(Version::HTTP_2).body(Empty::new()).unwrap();
    let response = client.send_request(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap();
    Got {
        fields: parts.headers,
        trailers: body.trailers().cloned(),
        body: body.to_bytes(),
    }
}

fn cache(got: &Got) -> &str {
    got.fields["cache-status"].to_str().unwrap()
}

async fn is_cached<B>(make: fn() -> B)
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (client, calls) = served(make).await;
    let first = get(&client, "GET").await;
    let text = "message 0;message 1;message 2;";
    assert_eq!(first.body, text);
    assert_eq!(
        cache(&first),
        "tower-redis; fwd=uri-miss; fwd-status=200; stored"
    );
    let trailers = first.trailers.unwrap();
    assert_eq!(trailers["grpc-status"], "0", "the one who asked gets them");
    // RFC 9110 section 6.5.1: they are not stored
    let second = get(&client, "GET").await;
    assert!(
        cache(&second).starts_with("tower-redis; hit;"),
        "{}",
        cache(&second)
    );
    assert_eq!((second.body, second.trailers), (Bytes::from(text), None));
    assert_eq!(second.fields["content-type"], "application/grpc");
    let head = get(&client, "HEAD").await;
    assert!(cache(&head).starts_with("tower-redis; hit;") && head.body.is_empty());
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    // a call of gRPC is a POST: it passes as it is
    for _ in 0..2 {
        let call = get(&client, "POST").await;
        assert_eq!(cache(&call), "tower-redis; fwd=method; fwd-status=200");
        assert_eq!(call.body, text);
        assert_eq!(call.trailers.unwrap()["grpc-status"], "0");
    }
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_boxed_body_and_its_trailers() {
    is_cached::<Content>(|| frames(3).map_err(|never| match never {}).boxed_unsync()).await;
}

#[tokio::test]
async fn tonic_s_body_and_its_trailers() {
    is_cached::<tonic::body::Body>(|| tonic::body::Body::new(frames(3))).await;
}

/// Requests of one connection that miss at once are one request, and each has a stream of its own.
#[tokio::test]
async fn many_streams_of_one_connection_are_one_request() {
    let (client, calls) = served(|| frames(3)).await;
    let all = (0..50).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { get(&client, "GET").await })
    });
    for one in all.collect::<Vec<_>>() {
        assert_eq!(one.await.unwrap().body, "message 0;message 1;message 2;");
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}
