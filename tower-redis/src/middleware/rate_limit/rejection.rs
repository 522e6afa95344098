//! What a client gets instead of an answer.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use crate::limit::{Decision, Limiter};

use super::answers::Answers;
use super::fields::Fields;
use super::grpc;

/// A refused request: 429 with `RateLimit-Policy`, `RateLimit`, `Retry-After`, `Cache-Control:
/// no-store` and a problem document; or 503 for what is no fault of the client, as when the limit could not be
/// counted and its policy is [`OnUnavailable::Closed`](crate::limit::OnUnavailable::Closed).
///
/// The layer answers with it. A handler that asks a limiter itself can do the same; with the feature
/// `axum` it is `IntoResponse`.
///
/// ```
/// use bytes::Bytes;
/// use http::Response;
/// use http_body_util::Full;
/// use tower_redis::limit::Limiter;
/// use tower_redis::middleware::rate_limit::RateLimited;
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
/// A request that can [never](Decision::is_never) pass gets the same without `Retry-After`. Where permits are
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
/// The layer answers a call of gRPC or gRPC-Web, by its `Content-Type`, in the way of that protocol: 200,
/// `grpc-status: 8` (resource exhausted) or `14` (unavailable) in the head, no body, and the same other fields.
#[derive(Debug, Clone)]
pub struct RateLimited {
    fields: Arc<Fields>,
    decision: Decision,
    /// The content type, where the call is one of gRPC.
    grpc: Option<HeaderValue>,
}

impl RateLimited {
    /// A refusal by `limiter`, for the reason of `decision`.
    #[must_use]
    pub fn new(limiter: &Limiter, decision: Decision) -> Self {
        let fields = Fields::of(limiter, Answers::default());
        Self::with(Arc::new(fields), decision, None)
    }

    pub(super) fn with(fields: Arc<Fields>, decision: Decision, grpc: Option<HeaderValue>) -> Self {
        Self {
            fields,
            decision,
            grpc,
        }
    }

    /// 429; 503 when as many hold a permit as may, and when the limit could not be counted and its policy is
    /// closed then. A gRPC call is answered with 200 all the same.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.fields.reason(&self.decision).status()
    }

    /// The reason.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.decision
    }

    /// The problem document, also for a gRPC call, whose answer has none.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.fields.problem(&self.decision)
    }

    /// The answer.
    #[must_use]
    pub fn into_response<B: From<Bytes>>(self) -> Response<B> {
        let mut headers = HeaderMap::with_capacity(8);
        self.fields.refuse(&self.decision, &mut headers);
        let (status, body) = match &self.grpc {
            None => (self.status(), self.body()),
            Some(content_type) => {
                headers.insert(CONTENT_TYPE, content_type.clone());
                grpc::refuse(self.fields.reason(&self.decision), &mut headers);
                (StatusCode::OK, Bytes::new())
            }
        };
        let mut response = Response::new(body.into());
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}

impl fmt::Display for RateLimited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.fields.reason(&self.decision).text())
    }
}

impl std::error::Error for RateLimited {}
