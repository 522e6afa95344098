//! The limiter.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::clock::Clock;
use crate::error::Error;
use crate::key::{CacheKey, KeyWriter};
use crate::registry::Reports;

use super::decision::Decision;
use super::engine::Engine;
use super::policy::Policy;
use super::state::Seat;
use super::stats::LimiterStats;

/// Decides, for each key, whether a call is within the quota. Clones share their state.
///
/// See the [module docs](super) for an example.
#[derive(Clone)]
pub struct Limiter(Arc<Inner>);

struct Inner {
    name: Box<str>,
    engine: Engine,
    clock: Clock,
    warned: AtomicBool,
}

impl Limiter {
    /// A limiter of its own, with state in this process. The policy's key extractor, if it has one,
    /// is not used: each check names its key.
    ///
    /// # Errors
    ///
    /// A [configuration error](Error::is_config) that says what was found and what is expected, when
    /// the quota cannot be counted exactly, has a part that is zero, or has a burst that the
    /// algorithm does not know, when the name cannot be sent to clients, or when there is room for
    /// no key.
    pub(crate) fn new<K>(policy: &Policy<K>, clock: Clock) -> Result<Self, Error> {
        let name = policy.checked_name()?;
        let algorithm = policy.chosen_algorithm();
        let engine = Engine::new(algorithm, &policy.quota(), policy.key_bound())
            .map_err(|why| Error::config(format!("the policy {name:?}: {why}")))?;
        Ok(Self(Arc::new(Inner {
            name: name.into(),
            engine,
            clock,
            warned: AtomicBool::new(false),
        })))
    }

    /// Whether `key` may do this once more now; charged if so.
    ///
    /// A key is anything that could be the key of a cache; text, an address and a tuple of them are.
    ///
    /// With state in this process it is ready at the first poll, so any executor will do.
    ///
    /// # Cancellation
    ///
    /// Dropped before it is polled nothing is charged; after its first poll it has decided.
    pub async fn check<Q: CacheKey + ?Sized>(&self, key: &Q) -> Decision {
        self.check_n(key, 1).await
    }

    /// The same for something that takes `cost` permits at once: all of them or none. A cost of 0
    /// looks and charges nothing.
    ///
    /// # Cancellation
    ///
    /// As with [`check`](Self::check).
    pub async fn check_n<Q: CacheKey + ?Sized>(&self, key: &Q, cost: u32) -> Decision {
        KeyWriter::lend(key, |key| self.decide(key, cost))
    }

    pub(crate) fn decide(&self, key: &[u8], cost: u32) -> Decision {
        let inner = &*self.0;
        let now = inner.clock.now().as_micros();
        let (decision, seat) = inner.engine.decide(key, now, cost.into());
        if seat == Seat::Shared {
            self.overflowed();
        }
        decision
    }

    #[cold]
    fn overflowed(&self) {
        let inner = &*self.0;
        if !inner.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                policy = &*inner.name,
                keys = inner.engine.keys(),
                "as many keys are in use as this limiter remembers; new ones share the permits that \
                 are left until some come to rest. Raise `Policy::max_keys`, or limit what makes the \
                 keys. This is said once; `LimiterStats::overflowed` counts on"
            );
        }
    }

    /// The name of its policy.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The most that a key can use at once: the permits of a period, or the burst of a quota that
    /// has one.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.0.engine.limit()
    }

    /// How long it takes until all of [`limit`](Self::limit), used at once, is available again: the
    /// period, or as much of it as a burst takes to come back.
    #[must_use]
    pub fn window(&self) -> Duration {
        self.0.engine.window()
    }

    /// What it has done so far.
    #[must_use]
    pub fn stats(&self) -> LimiterStats {
        self.0.stats()
    }

    /// This limiter as something to ask for its counts, without keeping it alive.
    pub(crate) fn reports(&self) -> Weak<dyn Reports<LimiterStats>> {
        let weak: Weak<Inner> = Arc::downgrade(&self.0);
        weak
    }
}

impl Reports<LimiterStats> for Inner {
    fn stats(&self) -> LimiterStats {
        let counts = self.engine.counts();
        LimiterStats {
            name: self.name.to_string(),
            allowed: counts.allowed,
            denied: counts.denied,
            overflowed: counts.overflowed,
            keys: self.engine.keys(),
        }
    }
}

// what is in the state are keys, which may be secrets
impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter")
            .field("name", &self.name())
            .field("limit", &self.limit())
            .field("window", &self.window())
            .finish_non_exhaustive()
    }
}
