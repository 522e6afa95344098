//! A request that the cache makes after one that has come.

use http::header::{IF_RANGE, RANGE};
use http::{Method, Request};

/// A GET with the fields of `request`, and this body.
pub(crate) fn alike<Q>(request: &Request<Q>, body: Q) -> Request<Q> {
    let mut alike = Request::new(body);
    *alike.method_mut() = Method::GET;
    *alike.uri_mut() = request.uri().clone();
    *alike.version_mut() = request.version();
    *alike.headers_mut() = request.headers().clone();
    *alike.extensions_mut() = request.extensions().clone();
    if request.method() != Method::GET {
        // there they mean nothing
        alike.headers_mut().remove(RANGE);
        alike.headers_mut().remove(IF_RANGE);
    }
    alike
}
