//! What a client gets instead of an answer.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};

use crate::limit::{Decision, Limiter};

use super::fields::{Fields, is_closed};

/// A refused request: 429 with `RateLimit-Policy`, `RateLimit`, `Retry-After`, `Cache-Control:
/// no-store` and a problem document; or 503 when the limit could not be counted and its policy is
/// [`OnUnavailable::Closed`](crate::limit::OnUnavailable::Closed).
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
/// A request that can [never](Decision::is_never) pass gets the same without `Retry-After`. The document
/// of a 503 is
///
/// ```json
/// {
///   "title": "Service Unavailable",
///   "status": 503,
///   "error": "Service unavailable",
///   "detail": "Requests cannot be counted at present, and this one is not let through uncounted. Try again later."
/// }
/// ```
#[derive(Debug, Clone)]
pub struct RateLimited {
    fields: Arc<Fields>,
    decision: Decision,
}

impl RateLimited {
    /// A refusal by `limiter`, for the reason of `decision`.
    #[must_use]
    pub fn new(limiter: &Limiter, decision: Decision) -> Self {
        Self::with(Arc::new(Fields::of(limiter)), decision)
    }

    pub(super) fn with(fields: Arc<Fields>, decision: Decision) -> Self {
        Self { fields, decision }
    }

    /// 429; or 503 when the limit could not be counted and its policy is closed then.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        if is_closed(&self.decision) {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::TOO_MANY_REQUESTS
        }
    }

    /// The reason.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.decision
    }

    /// The problem document.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.fields.problem(&self.decision)
    }

    /// The answer.
    #[must_use]
    pub fn into_response<B: From<Bytes>>(self) -> Response<B> {
        let mut headers = HeaderMap::with_capacity(8);
        self.fields.refuse(&self.decision, &mut headers);
        let mut response = Response::new(self.body().into());
        *response.status_mut() = self.status();
        *response.headers_mut() = headers;
        response
    }
}

impl fmt::Display for RateLimited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if is_closed(&self.decision) {
            "the rate limit cannot be counted at present"
        } else {
            "rate limit exceeded"
        })
    }
}

impl std::error::Error for RateLimited {}
