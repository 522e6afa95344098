//! The layer.

use std::sync::Arc;

use tower_layer::Layer;

use crate::limit::{Limiter, LimiterSet};

use super::gate::Gate;
use super::service::RateLimit;

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
