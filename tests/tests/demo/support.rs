//! A running demo and a client for it.

use std::net::SocketAddr;
use std::time::Duration;

use demo_server::Settings;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::header::HOST;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;
use tower_redis::Toolkit;
use tower_redis::testing::ManualClock;

/// A demo that is served for as long as this lives.
pub(crate) struct Demo {
    pub(crate) address: SocketAddr,
    serving: JoinHandle<()>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: hyper::HeaderMap,
    pub(crate) text: String,
}

/// Settings under which nothing is slow.
pub(crate) fn quick() -> Settings {
    let mut settings = Settings::default();
    settings.work.computation = Duration::ZERO;
    settings.work.expensive = Duration::ZERO;
    settings
}

impl Demo {
    pub(crate) async fn start(settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async {
            demo_server::serve(listener, settings, std::future::pending())
                .await
                .unwrap();
        });
        Self { address, serving }
    }

    /// A quick demo whose time stands still until the clock is turned.
    pub(crate) async fn at_a_standstill() -> (Self, ManualClock) {
        let clock = ManualClock::new();
        let mut settings = quick();
        settings.toolkit = Toolkit::builder().clock(clock.clock()).build().unwrap();
        (Self::start(settings).await, clock)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Bytes>) -> Answer {
        self.call(Method::POST, path, body).await
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: impl Into<Bytes>) -> Answer {
        self.call_from("127.0.0.1", method, path, body).await
    }

    /// A request over a connection of its own, opened from the address `from`.
    pub(crate) async fn call_from(
        &self,
        from: &str,
        method: Method,
        path: &str,
        body: impl Into<Bytes>,
    ) -> Answer {
        let socket = TcpSocket::new_v4().unwrap();
        socket
            .bind(SocketAddr::new(from.parse().unwrap(), 0))
            .unwrap();
        let stream = socket.connect(self.address).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        let connection = tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.address.to_string())
            .body(Full::new(body.into()))
            .unwrap();
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        connection.abort();
        Answer {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Answer {
    /// The one field of that name; empty when there is none.
    #[track_caller]
    pub(crate) fn field(&self, name: &str) -> &str {
        let mut fields = self.headers.get_all(name).iter();
        let field = fields.next().map_or("", |field| field.to_str().unwrap());
        assert!(fields.next().is_none(), "more than one {name}: {self:?}");
        field
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// The JSON of a 200.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        assert_eq!(self.field("content-type"), "application/json");
        self.json()
    }
}
