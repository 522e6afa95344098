//! The server behind the proxy, as a service: what the cache cannot answer is asked here.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, HeaderValue, TRANSFER_ENCODING};
use http::request::Parts;
use http::uri::{Authority, Scheme};
use http::{Request, Response, StatusCode, Uri, Version};
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body as _, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::oneshot;

use crate::arguments::Arguments;
use crate::fields::{append_via, drop_hop_by_hop};

/// Shorter than most servers keep theirs (Node and Apache 5 s), so that few connections are found closed.
const IDLE: Duration = Duration::from_secs(4);

/// What is sent to the origin; the default is empty.
pub(crate) type Sent = UnsyncBoxBody<Bytes, hyper::Error>;

/// The server behind the proxy.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    client: Client<HttpConnector, Sent>,
    authority: Authority,
    host: HeaderValue,
    preserve_host: bool,
    patience: Duration,
}

/// Why the origin did not answer.
#[derive(Debug, Clone)]
pub(crate) struct Unanswered {
    cause: Cause,
    what: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// It took too long.
    Time,
    /// The connection ended before a word of the answer.
    Lost,
    Other,
}

impl Origin {
    /// # Errors
    /// When the name of the origin is no value of `Host`.
    pub(crate) fn new(arguments: &Arguments) -> Result<Self, http::header::InvalidHeaderValue> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(arguments.patience));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        Ok(Self {
            client,
            host: HeaderValue::from_str(arguments.origin.as_str())?,
            authority: arguments.origin.clone(),
            preserve_host: arguments.preserve_host,
            patience: arguments.patience,
        })
    }

    /// Asks it. A connection may end in the instant in which it is used again, so a request that does
    /// no harm twice is sent once more then (RFC 9110 section 9.2.2); hyper-util does so by itself for
    /// any that has not left.
    ///
    /// # Errors
    /// When there is no final answer, or not in time.
    pub(crate) async fn ask(
        self,
        request: Request<Sent>,
    ) -> Result<Response<Incoming>, Unanswered> {
        let (mut head, body) = request.into_parts();
        self.address(&mut head);
        frame(&mut head, &body);
        let again = head.method.is_idempotent() && body.is_end_stream();
        let spare = again.then(|| head.clone());
        match (self.once(head, body).await, spare) {
            (Err(unanswered), Some(head)) if unanswered.cause == Cause::Lost => {
                self.once(head, Sent::default()).await
            }
            (answered, _) => answered,
        }
    }

    fn address(&self, head: &mut Parts) {
        let asked = std::mem::take(&mut head.uri).into_parts();
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = asked
            .path_and_query
            .or_else(|| Some(http::uri::PathAndQuery::from_static("/")));
        // all three are there, which is all that it asks
        head.uri = Uri::from_parts(parts).unwrap_or_default();
        head.version = Version::HTTP_11;
        if !self.preserve_host || !head.headers.contains_key(HOST) {
            head.headers.insert(HOST, self.host.clone());
        }
    }

    async fn once(&self, head: Parts, body: Sent) -> Result<Response<Incoming>, Unanswered> {
        let (body, sent) = told_when_sent(body);
        let late = async {
            // an error is what is waited for: the body is gone
            let _ = sent.await;
            tokio::time::sleep(self.patience).await;
        };
        let response = tokio::select! {
            answered = self.client.request(Request::from_parts(head, body)) => {
                answered.map_err(|error| Unanswered::by(&error))?
            }
            () = late => return Err(Unanswered::late(self.patience)),
        };
        let (mut head, body) = response.into_parts();
        if head.status.is_informational() {
            let what = format!(
                "the origin answered {}, which was not asked for",
                head.status
            );
            return Err(Unanswered {
                cause: Cause::Other,
                what,
            });
        }
        drop_hop_by_hop(&mut head.headers);
        append_via(&mut head.headers, head.version);
        head.version = Version::HTTP_11;
        Ok(Response::from_parts(head, body))
    }
}

/// A GET with a body of unknown length is sent without one unless it says that it has one.
fn frame(head: &mut Parts, body: &Sent) {
    if !body.is_end_stream() && body.size_hint().exact().is_none() {
        head.headers.remove(CONTENT_LENGTH);
        let chunked = HeaderValue::from_static("chunked");
        head.headers.insert(TRANSFER_ENCODING, chunked);
    }
}

/// The same body, and what is ready when it is gone: how long a client takes to send it is not the
/// origin's time.
fn told_when_sent(body: Sent) -> (Sent, oneshot::Receiver<()>) {
    let (sending, sent) = oneshot::channel();
    let body = body.map_frame(move |frame| {
        let _held: &oneshot::Sender<()> = &sending;
        frame
    });
    (body.boxed_unsync(), sent)
}

impl Unanswered {
    fn late(patience: Duration) -> Self {
        Self {
            cause: Cause::Time,
            what: format!("the origin did not answer within {patience:?}"),
        }
    }

    fn by(error: &(dyn Error + 'static)) -> Self {
        let chain = || std::iter::successors(Some(error), |error| (*error).source());
        let what: Vec<String> = chain().map(ToString::to_string).collect();
        let cause = chain().map(Cause::of).find(|cause| *cause != Cause::Other);
        Self {
            cause: cause.unwrap_or(Cause::Other),
            what: what.join(": "),
        }
    }

    /// What to tell a client.
    pub(crate) fn status(&self) -> StatusCode {
        match self.cause {
            Cause::Time => StatusCode::GATEWAY_TIMEOUT,
            Cause::Lost | Cause::Other => StatusCode::BAD_GATEWAY,
        }
    }
}

impl Cause {
    fn of(error: &(dyn Error + 'static)) -> Self {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return match error.kind() {
                io::ErrorKind::TimedOut => Self::Time,
                io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Self::Lost,
                _ => Self::Other,
            };
        }
        match error.downcast_ref::<hyper::Error>() {
            Some(error) if error.is_incomplete_message() || error.is_canceled() => Self::Lost,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for Unanswered {}
