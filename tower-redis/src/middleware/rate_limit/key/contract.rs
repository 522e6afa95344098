//! What tells one client from another.

use std::pin::Pin;

use http::{Extensions, Request};

use crate::key::KeyWriter;

/// Tells whom a request is counted for.
///
/// Requests that write the same key share permits. Write what you have through
/// [`CacheKey`](crate::key::CacheKey), which keeps different values apart:
///
/// ```
/// use http::Request;
/// use tower_redis::key::{CacheKey, KeyWriter};
/// use tower_redis::limit::{Policy, Quota};
/// use tower_redis::middleware::rate_limit::{RequestKey, Unidentified};
///
/// /// What the authentication in front has found out.
/// #[derive(Clone)]
/// struct Tenant(u64);
///
/// #[derive(Clone)]
/// struct PerTenant;
///
/// impl RequestKey for PerTenant {
///     fn write<B>(&self, request: &Request<B>, key: &mut KeyWriter) -> Result<(), Unidentified> {
///         let tenant = request.extensions().get::<Tenant>();
///         tenant.map(|tenant| tenant.0).write(key);
///         match tenant {
///             Some(_) => Ok(()),
///             None => Err(Unidentified::new("put the authentication layer outside of the limit")),
///         }
///     }
/// }
///
/// let policy = Policy::new("per-tenant", Quota::per_hour(1_000)).key(PerTenant);
/// ```
pub trait RequestKey: Send + Sync + 'static {
    /// Writes the key of `request`.
    ///
    /// # Errors
    ///
    /// [`Unidentified`] when the request lacks what every request should have. It is still counted,
    /// under what was written, and the layer says once what to do.
    fn write<B>(&self, request: &Request<B>, key: &mut KeyWriter) -> Result<(), Unidentified>;

    /// The same for the policy at this place, where several decide together: one key for all of them, unless this is
    /// [`PerPolicy`](super::PerPolicy), or says otherwise.
    ///
    /// # Errors
    ///
    /// As with [`write`](Self::write).
    fn write_for<B>(
        &self,
        place: usize,
        request: &Request<B>,
        key: &mut KeyWriter,
    ) -> Result<(), Unidentified> {
        let _ = place;
        self.write(request, key)
    }

    /// What has to be found out before the key of `request` can be written, if anything: see [`FoundOut`](super::FoundOut).
    fn ahead<B>(&self, request: &Request<B>) -> Option<Ahead> {
        let _ = request;
        None
    }

    /// What about `request` looks as if this key was the wrong one here, though it can be written: that a proxy seems
    /// to stand in front, say. It is asked of the first thousand requests, until the layer has said it once; of each, where
    /// the layer is [strict](super::super::RateLimitLayer::strict).
    fn doubt<B>(&self, request: &Request<B>) -> Option<Unidentified> {
        let _ = request;
        None
    }
}

/// What is being found out for a key: extensions, which [`write`](RequestKey::write) finds with the request.
pub type Ahead = Pin<Box<dyn Future<Output = Extensions> + Send>>;

/// A request that lacks what it should be counted by, which is a mistake in how the server is put
/// together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unidentified {
    help: &'static str,
}

impl Unidentified {
    /// With what to do about it, in the imperative.
    #[must_use]
    pub const fn new(help: &'static str) -> Self {
        Self { help }
    }

    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        self.help
    }
}
