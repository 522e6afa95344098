//! By what a layer outside has left with the request.

use std::fmt;
use std::marker::PhantomData;

use http::Request;

use crate::key::{CacheKey, KeyWriter};

use super::contract::{RequestKey, Unidentified};

/// Each value of an extension of type `T` has a quota of its own: the user or the tenant that a layer outside has
/// found out.
///
/// Requests without one share one quota, and a warning says once that it is missing: the layer that puts it there has
/// to stand outside of the limit.
///
/// ```
/// use tower_redis::key::{CacheKey, KeyWriter};
/// use tower_redis::limit::{Policy, Quota};
/// use tower_redis::middleware::rate_limit::Extension;
///
/// #[derive(Clone)]
/// struct Tenant(u64);
///
/// impl CacheKey for Tenant {
///     fn write(&self, key: &mut KeyWriter) {
///         self.0.write(key);
///     }
/// }
///
/// let policy = Policy::new("per-tenant", Quota::per_hour(1_000)).key(Extension::<Tenant>::new());
/// ```
pub struct Extension<T>(PhantomData<fn() -> T>);

impl<T> Extension<T> {
    /// By the extension of type `T`.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: CacheKey + Send + Sync + 'static> RequestKey for Extension<T> {
    fn write<B>(&self, request: &Request<B>, key: &mut KeyWriter) -> Result<(), Unidentified> {
        let value = request.extensions().get::<T>();
        value.write(key);
        value.map(|_| ()).ok_or(Unidentified::new(
            "requests carry no extension of the type of its key, so all of them share one quota; put the layer \
             that inserts it outside of the limit",
        ))
    }
}

impl<T> Clone for Extension<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Extension<T> {}

impl<T> Default for Extension<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Extension<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Extension")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_the_key_and_what_is_missing_is_said() {
        let mut request = Request::new(());
        let key = |request: &Request<()>| {
            let mut key = KeyWriter::new();
            let told = Extension::<u64>::new().write(request, &mut key);
            (told.is_ok(), key.as_bytes().to_vec())
        };
        assert_eq!(key(&request), (false, b"~".to_vec()));
        request.extensions_mut().insert(7_u64);
        assert_eq!(key(&request), (true, b"7".to_vec()));
    }
}
