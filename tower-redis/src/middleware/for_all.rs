//! What a cache tells those further in.

use http::Request;

/// In the extensions of a request whose answer may be kept, and be told to others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ForAll;

/// `request`, the answer to which may be kept.
#[cfg(feature = "http-cache")]
pub(crate) fn for_all<B>(mut request: Request<B>) -> Request<B> {
    request.extensions_mut().insert(ForAll);
    request
}

/// Whether the answer to `request` may be kept.
#[cfg(feature = "rate-limit")]
pub(crate) fn is_for_all<B>(request: &Request<B>) -> bool {
    request.extensions().get::<ForAll>().is_some()
}
