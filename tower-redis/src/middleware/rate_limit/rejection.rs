//! What a client gets instead of an answer.

use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use crate::limit::{Decision, Decisions, RateLimited, Reason};

use super::answers::Answers;
use super::fields::Fields;
use super::grpc;
use super::several::Several;

/// How a layer says that a request is refused.
pub(super) struct Refusal {
    pub(super) fields: Arc<Fields>,
    /// Where several policies decided.
    pub(super) several: Option<Arc<Several>>,
    /// The content type, where the call is one of gRPC.
    pub(super) grpc: Option<HeaderValue>,
}

impl Refusal {
    /// How `refused` is said.
    fn of(refused: &RateLimited) -> Self {
        if let Some(said) = refused.manner::<Self>() {
            return Self {
                fields: Arc::clone(&said.fields),
                several: said.several.clone(),
                grpc: said.grpc.clone(),
            };
        }
        let answers = Answers::default();
        let limiters = refused.decisions().map(Decisions::limiters);
        let several = limiters.and_then(|limiters| Several::of(limiters, &answers));
        Self {
            fields: Arc::new(Fields::of(refused.limiter(), answers)),
            several: several.map(Arc::new),
            grpc: None,
        }
    }

    /// The answer to a request that `decision` refuses, or several policies did.
    pub(super) fn answer<B: From<Bytes>>(
        self,
        decision: &Decision,
        decisions: Option<&Decisions>,
    ) -> Response<B> {
        let mut headers = HeaderMap::with_capacity(8);
        let reason = match (&self.several, decisions) {
            (Some(several), Some(decisions)) => {
                several.refuse(decisions, &mut headers);
                several.reason(decisions)
            }
            _ => {
                self.fields.refuse(decision, &mut headers);
                self.fields.reason(decision)
            }
        };
        let (status, body) = match &self.grpc {
            None => (status(reason), self.problem(decision, decisions)),
            Some(content_type) => {
                headers.insert(CONTENT_TYPE, content_type.clone());
                grpc::refuse(reason, &mut headers);
                (StatusCode::OK, Bytes::new())
            }
        };
        let mut response = Response::new(body.into());
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }

    fn problem(&self, decision: &Decision, decisions: Option<&Decisions>) -> Bytes {
        match (&self.several, decisions) {
            (Some(several), Some(decisions)) => several.problem(decisions),
            _ => self.fields.problem(decision),
        }
    }

    fn reason(&self, refused: &RateLimited) -> Reason {
        match (&self.several, refused.decisions()) {
            (Some(several), Some(decisions)) => several.reason(decisions),
            _ => refused.reason(),
        }
    }
}

/// 429 for what a client did (RFC 6585, section 4), 503 for what it did not.
fn status(reason: Reason) -> StatusCode {
    match reason {
        Reason::Quota | Reason::Ban => StatusCode::TOO_MANY_REQUESTS,
        Reason::Capacity | Reason::Uncounted => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// As an answer: 429 with `RateLimit-Policy`, `RateLimit`, `Retry-After`, `Cache-Control: no-store` and a problem
/// document; or 503 for what is no fault of the client, as when the limit could not be counted and its policy is
/// [`OnUnavailable::Closed`](crate::limit::OnUnavailable::Closed).
///
/// The layer answers with it. A handler that asks a limiter itself can do the same; with the feature
/// `axum` it is `IntoResponse`.
///
/// ```
/// use bytes::Bytes;
/// use http::Response;
/// use http_body_util::Full;
/// use tower_redis::limit::{Limiter, RateLimited};
///
/// async fn login(user: &str, attempts: &Limiter) -> Response<Full<Bytes>> {
///     let decision = attempts.check(user).await;
///     if !decision.is_allowed() {
///         return RateLimited::new(attempts, decision).into_response();
///     }
///     Response::new("welcome".into())
/// }
/// ```
///
/// The document is
///
/// ```json
/// {
///   "type": "https://iana.org/assignments/http-problem-types#quota-exceeded",
///   "title": "Rate limit exceeded",
///   "status": 429,
///   "error": "Rate limit exceeded",
///   "violated-policies": ["per-ip"]
/// }
/// ```
///
/// A request that can [never](Decision::is_never) pass gets the same without `Retry-After`, and one that is
/// [kept out](crate::limit::Policy::ban) the type `abnormal-usage-detected`. Where permits are
/// [held](crate::limit::Algorithm::Concurrency) it is 503, `Retry-After: 1` and the type
/// `temporary-reduced-capacity`: what is wanting is the server's. The document of a limit that cannot be counted is
///
/// ```json
/// {
///   "title": "Service Unavailable",
///   "status": 503,
///   "error": "Service unavailable",
///   "detail": "Requests cannot be counted at present, and this one is not let through uncounted. Try again later."
/// }
/// ```
///
/// Where several policies refused, `violated-policies` names all of them, `Retry-After` says when the last of them lets
/// the request pass, and what the client did comes before what it did not: it is 503 only if no quota was exceeded.
///
/// The layer answers a call of gRPC or gRPC-Web, by its `Content-Type`, in the way of that protocol: 200,
/// `grpc-status: 8` (resource exhausted) or `14` (unavailable) in the head, no body, and the same other fields.
impl RateLimited {
    /// 429; 503 when as many hold a permit as may, and when the limit could not be counted and its policy is
    /// closed then. A gRPC call is answered with 200 all the same.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        status(Refusal::of(self).reason(self))
    }

    /// The problem document, also for a gRPC call, whose answer has none.
    #[must_use]
    pub fn body(&self) -> Bytes {
        Refusal::of(self).problem(&self.decision(), self.decisions())
    }

    /// The answer.
    #[must_use]
    pub fn into_response<B: From<Bytes>>(self) -> Response<B> {
        Refusal::of(&self).answer(&self.decision(), self.decisions())
    }
}

/// For a function that returns the answer itself, or has it for its error.
impl<B: From<Bytes>> From<RateLimited> for Response<B> {
    fn from(refused: RateLimited) -> Self {
        refused.into_response()
    }
}
