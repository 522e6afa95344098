//! The layer.

use std::sync::Arc;

use http::request::Parts;
use tower_layer::Layer;

use crate::error::Error;
use crate::limit::{Limiter, LimiterSet, Quota, Quotas};

use super::gate::Gate;
use super::service::RateLimit;
use super::tenants::Tenants;

/// Limits how often each client may call what is inside.
///
/// Clones, and all services made by them, count together, also where they answer differently. See the [module docs](super) for an
/// example.
#[derive(Debug)]
pub struct RateLimitLayer<K> {
    pub(super) gate: Arc<Gate<K>>,
}

impl<K> RateLimitLayer<K> {
    /// A layer that asks a limiter, or a [`LimiterSet`], which others may be asking too, about the key that `key` tells:
    /// one key for all limiters of the set, or with [`PerPolicy`](super::PerPolicy) one for each.
    #[must_use]
    pub fn new(limits: impl Into<LimiterSet>, key: K) -> Self {
        Self {
            gate: Arc::new(Gate::new(limits.into(), key)),
        }
    }

    /// A layer whose quota each request says: that of its tenant's plan, as a layer outside has left it in the
    /// extensions. The policy's own quota is that of requests with one that cannot be kept, which is logged once. A key
    /// counts for each quota by itself, as [`Quotas`] say.
    ///
    /// ```
    /// use tower_redis::Toolkit;
    /// use tower_redis::limit::{Policy, Quota};
    /// use tower_redis::middleware::rate_limit::{Header, RateLimitLayer};
    ///
    /// #[derive(Clone)]
    /// struct Plan {
    ///     per_minute: u64,
    /// }
    ///
    /// # fn main() -> Result<(), tower_redis::Error> {
    /// let free = Policy::new("api", Quota::per_minute(60));
    /// let quotas = Toolkit::from_env()?.quotas(&free)?;
    /// let tenant = Header::new(http::HeaderName::from_static("x-tenant"));
    /// let layer = RateLimitLayer::by_quota(&quotas, tenant, |request| {
    ///     let plan = request.extensions.get::<Plan>();
    ///     Quota::per_minute(plan.map_or(60, |plan| plan.per_minute))
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Each request costs a look for its quota and a few allocations more than one of a layer with one quota.
    ///
    /// # Errors
    ///
    /// Those of [`Quotas::limiter`], for the policy's own quota.
    pub fn by_quota(
        quotas: &Quotas,
        key: K,
        quota: impl Fn(&Parts) -> Quota + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let mut gate = Gate::new(quotas.limiter(quotas.own())?.into(), key);
        gate.rules.quota = Some(Arc::new(quota));
        gate.tenants = Some(Tenants::new(quotas.clone()));
        Ok(Self {
            gate: Arc::new(gate),
        })
    }

    /// The limiter it asks, for its counters or for checks of your own; the first, where there are several.
    #[must_use]
    pub fn limiter(&self) -> &Limiter {
        &self.gate.limiter
    }

    /// All limiters it asks.
    #[must_use]
    pub fn limiters(&self) -> &[Limiter] {
        self.gate.limiters()
    }
}

// clones share the gate, so the key need not be `Clone`
impl<K> Clone for RateLimitLayer<K> {
    fn clone(&self) -> Self {
        Self {
            gate: Arc::clone(&self.gate),
        }
    }
}

impl<S, K> Layer<S> for RateLimitLayer<K> {
    type Service = RateLimit<S, K>;

    fn layer(&self, inner: S) -> RateLimit<S, K> {
        RateLimit::new(inner, Arc::clone(&self.gate))
    }
}
