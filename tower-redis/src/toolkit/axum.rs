//! The toolkit as an argument of an axum handler.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::handle::Toolkit;

/// Gives a handler the toolkit that its cached functions use: that of `scope_layer()` around it, else
/// the installed one.
impl<S: Send + Sync> FromRequestParts<S> for Toolkit {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Toolkit::current())
    }
}
