//! By what has to be asked for.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use http::Request;
use http::request::Parts;
use http::{Extensions, Method};

use crate::key::{CacheKey, KeyWriter};

use super::contract::{Ahead, RequestKey, Unidentified};

/// Each value that an async function finds out has a quota of its own: the tenant of a token, say, from a database.
///
/// The function is given a copy of the request's head, and is asked before each request that counts, so it should cache
/// what it asks for. Requests for which it gives [`Unidentified`] share one quota, and a warning says so once. A client
/// that leaves meanwhile is not charged.
///
/// ```
/// use http::request::Parts;
/// use tower_redis::limit::{Policy, Quota};
/// use tower_redis::middleware::rate_limit::{FoundOut, PeerIp, Unidentified};
///
/// async fn tenant(request: Parts) -> Result<u64, Unidentified> {
///     let token = request.headers.get("authorization");
///     let _ = token; // asks who that is
///     Ok(7)
/// }
///
/// let policy = Policy::new("tenants", Quota::per_minute(600)).key(FoundOut::by(tenant));
/// let both = Policy::new("both", Quota::per_minute(60)).key((PeerIp::new(), FoundOut::by(tenant)));
/// ```
pub struct FoundOut<F>(F);

impl<F> FoundOut<F> {
    /// By what `find` answers.
    pub const fn by(find: F) -> Self {
        Self(find)
    }
}

/// What the function `F` answered.
struct Answer<F, T>(Result<Arc<T>, Unidentified>, PhantomData<fn() -> F>);

// not only where `T` is
impl<F, T> Clone for Answer<F, T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

const NOT_FOUND_OUT: Unidentified = Unidentified::new(
    "the function of `FoundOut` was not asked, since another key holds it without passing `ahead` on; pass it on",
);

impl<F, A, T> RequestKey for FoundOut<F>
where
    F: Fn(Parts) -> A + Send + Sync + 'static,
    A: Future<Output = Result<T, Unidentified>> + Send + 'static,
    T: CacheKey + Send + Sync + 'static,
{
    fn write<B>(&self, request: &Request<B>, key: &mut KeyWriter) -> Result<(), Unidentified> {
        let found = request.extensions().get::<Answer<F, T>>();
        let found = found.map_or(Err(NOT_FOUND_OUT), |found| found.0.clone());
        found.as_deref().ok().write(key);
        found.map(|_| ())
    }

    fn ahead<B>(&self, request: &Request<B>) -> Option<Ahead> {
        let asking = (self.0)(head(request));
        Some(Box::pin(async move {
            let answer = Answer::<F, T>(asking.await.map(Arc::new), PhantomData);
            let mut found = Extensions::new();
            found.insert(answer);
            found
        }))
    }
}

/// A copy of what stands before the body.
pub(in crate::middleware::rate_limit) fn head<B>(request: &Request<B>) -> Parts {
    let mut copy = Request::new(());
    *copy.method_mut() = Method::clone(request.method());
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    *copy.headers_mut() = request.headers().clone();
    *copy.extensions_mut() = request.extensions().clone();
    copy.into_parts().0
}

impl<F> fmt::Debug for FoundOut<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FoundOut")
    }
}
