//! What axum knows of a request's target that its URI no longer says.

use axum::extract::OriginalUri;
use http::{Extensions, Uri};

/// The URI before a nested router took its prefix off.
pub(crate) fn original_uri(extensions: &Extensions) -> Option<&Uri> {
    let original = extensions.get::<OriginalUri>();
    original.map(|OriginalUri(uri)| uri)
}

/// The body of a request that has none.
pub(crate) fn empty_body() -> axum::body::Body {
    axum::body::Body::empty()
}
