//! What axum knows of a request's target that its URI no longer says.

use axum::extract::OriginalUri;
use http::{Extensions, Uri};

/// The URI before a nested router took its prefix off.
pub(crate) fn original_uri(extensions: &Extensions) -> Option<&Uri> {
    let original = extensions.get::<OriginalUri>();
    original.map(|OriginalUri(uri)| uri)
}

/// Whether a body is seen to end before it has begun.
#[cfg(feature = "http-cache")]
pub(crate) fn is_empty(body: &axum::body::Body) -> bool {
    http_body::Body::is_end_stream(body)
}
