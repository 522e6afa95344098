//! A client for servers under test.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use std::fmt;
use std::net::SocketAddr;

use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::SendRequest;
use hyper::header::HOST;
pub use hyper::{HeaderMap, Method, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;

/// A server to ask. Every call has a connection of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site {
    /// Where it listens.
    pub address: SocketAddr,
}

/// A connection on which one request follows the other.
#[derive(Debug)]
pub struct Line {
    host: String,
    sender: SendRequest<Full<Bytes>>,
    connection: JoinHandle<()>,
}

/// What came back, and to what; an assertion prints both.
pub struct Answer {
    asked: String,
    /// The status.
    pub status: StatusCode,
    /// The fields.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

impl Site {
    /// The server at this address.
    #[must_use]
    pub fn at(address: SocketAddr) -> Self {
        Self { address }
    }

    /// `GET`, from 127.0.0.1.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, "").await
    }

    /// `POST`, from 127.0.0.1.
    pub async fn post(&self, path: &str, body: impl Into<Bytes>) -> Answer {
        self.call(Method::POST, path, body).await
    }

    /// A request from 127.0.0.1.
    pub async fn call(&self, method: Method, path: &str, body: impl Into<Bytes>) -> Answer {
        self.call_from("127.0.0.1", method, path, body).await
    }

    /// A request from the address `from`, one of 127.0.0.0/8.
    ///
    /// # Panics
    /// When the server cannot be reached, and when it answers no HTTP or no text.
    pub async fn call_from(
        &self,
        from: &str,
        method: Method,
        path: &str,
        body: impl Into<Bytes>,
    ) -> Answer {
        let mut line = self.connect(from).await;
        line.call(method, path, body).await
    }

    /// A connection from the address `from`, one of 127.0.0.0/8, for many requests.
    ///
    /// # Panics
    /// When the server cannot be reached.
    pub async fn connect(&self, from: &str) -> Line {
        let socket = TcpSocket::new_v4().unwrap();
        socket
            .bind(SocketAddr::new(from.parse().unwrap(), 0))
            .unwrap();
        let stream = socket.connect(self.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        let connection = tokio::spawn(async {
            // its end is told to whoever is waiting for an answer
            let _ = connection.await;
        });
        Line {
            host: self.address.to_string(),
            sender,
            connection,
        }
    }

    /// [`get`](Self::get) for a test without a runtime.
    ///
    /// # Panics
    /// As [`call_from`](Self::call_from), and within a runtime.
    #[must_use]
    pub fn get_blocking(&self, path: &str) -> Answer {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime
            .enable_all()
            .build()
            .unwrap()
            .block_on(self.get(path))
    }
}

impl Line {
    /// The same, under this name: several servers behind one have it in common.
    #[must_use]
    pub fn named(mut self, host: &str) -> Self {
        self.host = host.to_owned();
        self
    }

    /// A request.
    ///
    /// # Panics
    /// When the connection is gone, and when the server answers no HTTP or no text.
    pub async fn call(&mut self, method: Method, path: &str, body: impl Into<Bytes>) -> Answer {
        let asked = format!("{method} {path}");
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.host)
            .body(Full::new(body.into()))
            .unwrap();
        self.sender.ready().await.unwrap();
        let answer = self.sender.send_request(request).await.unwrap();
        let (head, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            asked,
            status: head.status,
            headers: head.headers,
            text: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

impl Answer {
    /// The one field of that name; empty when there is none.
    ///
    /// # Panics
    /// When there are several, or it is no text.
    #[must_use]
    #[track_caller]
    pub fn field(&self, name: &str) -> &str {
        let mut fields = self.headers.get_all(name).iter();
        let field = fields.next().map_or("", |field| field.to_str().unwrap());
        assert!(fields.next().is_none(), "more than one {name}: {self:?}");
        field
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    #[track_caller]
    #[expect(clippy::panic, reason = "a helper of tests fails as a test does")]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The JSON of a 200.
    ///
    /// # Panics
    /// When it is no 200, or no JSON.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "it asserts as well")]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        assert_eq!(self.field("content-type"), "application/json", "{self:?}");
        self.json()
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} was answered {}", self.asked, self.status)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {}", value.as_bytes().escape_ascii())?;
        }
        write!(f, "\n{}", self.text)
    }
}
