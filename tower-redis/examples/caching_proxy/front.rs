//! What a proxy owes its clients: a clear request to the cache, an answer whatever comes of it, and a
//! line in the log.

use std::fmt;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, HOST, HeaderName, HeaderValue, MAX_FORWARDS};
use http::uri::Authority;
use http::{Method, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt as _, Either, Full};
use hyper::body::Incoming;
use tower::{Service, ServiceExt as _};
use tower_redis::clock::Clock;

use crate::fields::{append_via, drop_hop_by_hop, take_trailers, takes_trailers};
use crate::forwarded;
use crate::origin::{Sent, Unanswered};

const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// What is in front of the cache.
#[derive(Debug, Clone)]
pub(crate) struct Front<S> {
    /// The cache around the origin.
    pub(crate) inner: S,
    pub(crate) clock: Clock,
    /// Whether the client's word of where it comes from is passed on.
    pub(crate) trusting: bool,
}

/// An answer made here, and why.
struct Refused {
    status: StatusCode,
    why: String,
}

impl<S, B> Front<S>
where
    S: Service<Request<Sent>, Response = Response<B>, Error = Unanswered>,
{
    /// Answers one request, and says so in the log.
    pub(crate) async fn answer(
        self,
        client: SocketAddr,
        request: Request<Incoming>,
    ) -> Response<Either<B, Full<Bytes>>> {
        let (clock, began) = (self.clock.clone(), self.clock.now());
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let (response, why) = match self.ask(client, request).await {
            Ok(response) => (response.map(Either::Left), None),
            Err(refused) => (refused.response().map(Either::Right), Some(refused.why)),
        };
        // those of caches nearer to the origin stand before it
        let verdicts = response.headers().get_all(CACHE_STATUS);
        let verdict = verdicts.iter().next_back().map(HeaderValue::as_bytes);
        log(&Line {
            client,
            method: &method,
            path: &path,
            status: response.status(),
            took: clock.now().since(began),
            verdict: why.as_deref().map(str::as_bytes).or(verdict),
        });
        response
    }

    async fn ask(
        self,
        client: SocketAddr,
        request: Request<Incoming>,
    ) -> Result<Response<B>, Refused> {
        let (mut head, body) = request.into_parts();
        let trailers = takes_trailers(&head.headers);
        drop_hop_by_hop(&mut head.headers);
        check(&mut head)?;
        count_down(&mut head)?;
        if trailers {
            take_trailers(&mut head.headers);
        }
        append_via(&mut head.headers, head.version);
        forwarded::tell(&mut head.headers, client.ip(), self.trusting);
        let request = Request::from_parts(head, body.boxed_unsync());
        self.inner
            .oneshot(request)
            .await
            .map_err(|unanswered| Refused {
                status: unanswered.status(),
                why: unanswered.to_string(),
            })
    }
}

impl Refused {
    fn new(status: StatusCode, why: &str) -> Self {
        Self {
            status,
            why: why.to_owned(),
        }
    }

    /// It says the status alone: what is behind the proxy is nobody's business.
    fn response(&self) -> Response<Full<Bytes>> {
        let mut text = self
            .status
            .canonical_reason()
            .unwrap_or_default()
            .to_lowercase();
        text.push('\n');
        let mut response = Response::new(Full::from(text));
        *response.status_mut() = self.status;
        let fields = response.headers_mut();
        fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// One host, and a method that has a resource: two servers that took a request for two different ones is
/// what poisoning a cache begins with (RFC 9112 section 3.2).
fn check(head: &mut http::request::Parts) -> Result<(), Refused> {
    let bad = |why| Err(Refused::new(StatusCode::BAD_REQUEST, why));
    if head.method == Method::CONNECT {
        let why = "this is no tunnel";
        return Err(Refused::new(StatusCode::NOT_IMPLEMENTED, why));
    }
    let mut hosts = head.headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if head.version == Version::HTTP_11 => return bad("no Host"),
        (Some(_), Some(_)) => return bad("several Host"),
        // any other text in it is no host
        (Some(host), None) if !host.is_empty() && !is_host(host.as_bytes()) => {
            return bad("a Host that is none");
        }
        _ => {}
    }
    // a target with a host counts (section 3.2.2)
    if let Some(authority) = head.uri.authority() {
        let host = HeaderValue::from_str(authority.as_str());
        match host {
            Ok(host) if is_host(host.as_bytes()) => head.headers.insert(HOST, host),
            _ => return bad("a target with a host that is none"),
        };
    }
    Ok(())
}

fn is_host(text: &[u8]) -> bool {
    let plain = !text.iter().any(|byte| b"@\"\\".contains(byte));
    plain && Authority::try_from(text).is_ok()
}

/// How far a TRACE or OPTIONS may still go (RFC 9110 section 7.6.2).
fn count_down(head: &mut http::request::Parts) -> Result<(), Refused> {
    let last = match head.method {
        Method::OPTIONS => StatusCode::NO_CONTENT,
        Method::TRACE => StatusCode::NOT_IMPLEMENTED,
        _ => return Ok(()),
    };
    let Some(left) = head.headers.get(MAX_FORWARDS) else {
        return Ok(());
    };
    let left = left.to_str().ok().and_then(|left| left.parse::<u32>().ok());
    match left.map(|left| left.checked_sub(1)) {
        Some(Some(left)) => {
            head.headers.insert(MAX_FORWARDS, left.into());
            Ok(())
        }
        Some(None) => Err(Refused::new(last, "it was to go no further")),
        None => Err(Refused::new(
            StatusCode::BAD_REQUEST,
            "a Max-Forwards that is no number",
        )),
    }
}

struct Line<'a> {
    client: SocketAddr,
    method: &'a Method,
    path: &'a str,
    status: StatusCode,
    took: Duration,
    verdict: Option<&'a [u8]>,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client,
            method,
            path,
            status,
            took,
            verdict,
        } = self;
        let (path, status) = (path.as_bytes().escape_ascii(), status.as_u16());
        let verdict = String::from_utf8_lossy(verdict.unwrap_or(b"-"));
        // quotation marks stay, and what would move the cursor of whoever reads it does not
        let verdict = verdict.replace(char::is_control, "?");
        write!(f, "{client} {method} {path} {status} {took:.1?} {verdict}")
    }
}

fn log(line: &Line<'_>) {
    // nobody may be reading
    let _ = writeln!(io::stdout(), "{line}");
}
