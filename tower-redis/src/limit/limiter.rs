//! The limiter.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::clock::Clock;
use crate::error::Error;
use crate::key::CacheKey;
use crate::registry::Reports;

#[cfg(any(feature = "rate-limit", feature = "macros"))]
use super::asked::Asked;
#[cfg(all(feature = "redis", any(feature = "rate-limit", feature = "macros")))]
use super::asking;
use super::checking::Check;
use super::decision::Decision;
use super::member::Member;
use super::policy::Policy;
#[cfg(feature = "redis")]
use super::state::Shared;
use super::stats::LimiterStats;

/// Decides, for each key, whether a call is within the quota. Clones share their state.
///
/// See the [module docs](super) for an example, and for what happens when Redis is away.
#[derive(Clone)]
pub struct Limiter(Arc<Member>);

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
        Ok(Self(Arc::new(Member::new(policy, clock)?)))
    }

    /// A limiter whose counts lie in Redis, where those of other processes with this policy lie as
    /// well: with the same name, algorithm and quota.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new).
    #[cfg(feature = "redis")]
    pub(crate) fn shared<K>(
        policy: &Policy<K>,
        clock: Clock,
        shared: &Shared,
    ) -> Result<Self, Error> {
        Ok(Self(Arc::new(Member::shared(policy, clock, shared)?)))
    }

    /// Whether `key` may do this once more now; charged if so.
    ///
    /// A key is anything that could be the key of a cache; text, an address and a tuple of them are.
    ///
    /// With state in this process it is ready at the first poll, so any executor will do. With state in
    /// Redis it takes one round trip, and at most about `REDIS_TIMEOUT`: after that the policy's
    /// [`OnUnavailable`](super::OnUnavailable) decides. It is never an error;
    /// [`Decision::basis`] tells.
    ///
    /// # Cancellation
    ///
    /// Dropped before it is polled nothing is charged. With state in this process it has decided after
    /// its first poll; with state in Redis what was sent by then is charged if it is allowed, and stays
    /// charged.
    #[inline]
    pub fn check<'a, Q: CacheKey + ?Sized>(
        &'a self,
        key: &'a Q,
    ) -> impl Future<Output = Decision> + use<'a, Q> {
        Check::new(&self.0, key, 1)
    }

    /// The same for something that takes `cost` permits at once: all of them or none. A cost of 0
    /// looks and charges nothing.
    ///
    /// # Cancellation
    ///
    /// As with [`check`](Self::check).
    #[inline]
    pub fn check_n<'a, Q: CacheKey + ?Sized>(
        &'a self,
        key: &'a Q,
        cost: u32,
    ) -> impl Future<Output = Decision> + use<'a, Q> {
        Check::new(&self.0, key, cost)
    }

    /// Whether the counts lie in Redis.
    #[inline]
    pub(super) fn is_shared(&self) -> bool {
        #[cfg(feature = "redis")]
        if self.0.far.is_some() {
            return true;
        }
        false
    }

    /// Decides, or begins to: nothing is sent before the answer is polled.
    #[cfg(any(feature = "rate-limit", feature = "macros"))]
    #[inline]
    pub(crate) fn ask(&self, key: &[u8], cost: u32) -> Asked {
        #[cfg(feature = "redis")]
        if let Some(far) = &self.0.far {
            return Asked::Asking(asking::begin(&self.0, far, key, cost));
        }
        let price = self.0.price(cost.into());
        self.0.decide_then(key, price, Asked::Decided)
    }

    pub(super) fn member(&self) -> &Arc<Member> {
        &self.0
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

    /// Does what nobody waits for any more. In this process everything is decided at once, and nothing is left.
    #[cfg(any(feature = "rate-limit", feature = "macros"))]
    #[cfg_attr(
        not(feature = "redis"),
        expect(clippy::unused_self, reason = "nobody is asked")
    )]
    pub(super) fn finish_behind(&self, rest: impl Future<Output = ()> + Send + 'static) {
        #[cfg(feature = "redis")]
        if let Some(far) = &self.0.far {
            far.at().wire().spawn(rest);
            return;
        }
        drop(rest);
    }

    /// Whether it only watches.
    #[cfg(feature = "rate-limit")]
    pub(crate) fn is_shadow(&self) -> bool {
        self.0.shadow
    }

    /// Whether its permits are held while something is done.
    pub(crate) fn is_of_held_permits(&self) -> bool {
        self.0.holds
    }

    /// What it has done so far. What other processes did is not in it.
    #[must_use]
    pub fn stats(&self) -> LimiterStats {
        self.0.stats()
    }

    /// This limiter as something to ask for its counts, without keeping it alive.
    pub(crate) fn reports(&self) -> Weak<dyn Reports<LimiterStats>> {
        let weak: Weak<Member> = Arc::downgrade(&self.0);
        weak
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
