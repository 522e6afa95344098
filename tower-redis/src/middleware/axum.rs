//! What axum wants to hear and has to tell.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{Extensions, StatusCode};

use crate::limit::{Decision, Decisions, RateLimited};

/// The peer, when the server was told to say it.
pub(crate) fn connect_info(extensions: &Extensions) -> Option<SocketAddr> {
    let info = extensions.get::<ConnectInfo<SocketAddr>>();
    info.map(|ConnectInfo(peer)| *peer)
}

impl IntoResponse for RateLimited {
    fn into_response(self) -> Response {
        RateLimited::into_response::<Body>(self)
    }
}

/// What the innermost `RateLimitLayer` decided about this request.
impl<S: Sync> FromRequestParts<S> for Decision {
    type Rejection = NotLimited;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NotLimited> {
        parts.extensions.get().copied().ok_or(NotLimited(()))
    }
}

/// What each policy of the innermost `RateLimitLayer` of several decided about this request.
impl<S: Sync> FromRequestParts<S> for Decisions {
    type Rejection = NotLimited;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NotLimited> {
        parts.extensions.get().cloned().ok_or(NotLimited(()))
    }
}

/// The same for a handler that is also used without a limit.
impl<S: Sync> OptionalFromRequestParts<S> for Decision {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Self>, std::convert::Infallible> {
        Ok(parts.extensions.get().copied())
    }
}

/// A handler asked for a `Decision`, or for `Decisions`, where there is no limit that made them: 500.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotLimited(());

impl std::fmt::Display for NotLimited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "a handler takes a `Decision`, but no `RateLimitLayer` is around its route, or `Decisions`, but none of \
             several policies is; add one, or take an `Option<Decision>`",
        )
    }
}

impl std::error::Error for NotLimited {}

impl IntoResponse for NotLimited {
    fn into_response(self) -> Response {
        tracing::error!("{self}");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}
