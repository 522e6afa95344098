//! Several limiters that decide together.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::key::{CacheKey, KeyWriter};

#[cfg(feature = "redis")]
use super::asking;
use super::decision::{Decided, Decision, Outcome};
use super::limiter::Limiter;
use super::member::Member;
use super::together;

/// Several limiters that decide about one key together: all of them let a call through and charge it,
/// or none charges anything. Clones share their state.
///
/// "10 a second and 1,000 a day" as two checks, one after the other, charges the second one for calls
/// that the day refuses.
///
/// ```
/// use tower_redis::Toolkit;
/// use tower_redis::limit::{LimiterSet, Policy, Quota};
///
/// # fn main() -> Result<(), tower_redis::Error> {
/// let toolkit = Toolkit::from_env()?;
/// let second = toolkit.limiter(&Policy::new("second", Quota::per_second(10)))?;
/// let day = toolkit.limiter(&Policy::new("day", Quota::per_day(11)))?;
/// let both = LimiterSet::new([second.clone(), day])?;
/// # pollster::block_on(async {
/// assert!(both.check_n("ada", 9).await.is_allowed());
///
/// let decisions = both.check_n("ada", 3).await;
/// let (limiter, decision) = decisions.refusal().unwrap();
/// assert_eq!((limiter.name(), decision.remaining), ("day", 2));
/// assert_eq!(second.check_n("ada", 0).await.remaining, 1); // what the day refused was not charged
/// # });
/// # Ok(())
/// # }
/// ```
///
/// A limiter of a set can be asked alone as well, and be in other sets; its counts are the same.
///
/// With state in Redis a set is one round trip: the keys of one subject lie in one slot, and one script
/// decides. While Redis cannot be asked each policy says what it does then, and the call passes if all
/// let it; those that count in this process charge all or nothing.
#[derive(Clone)]
pub struct LimiterSet {
    limiters: Arc<[Limiter]>,
    members: Arc<[Arc<Member>]>,
}

impl LimiterSet {
    /// A set of `limiters`, asked in this order.
    ///
    /// # Errors
    ///
    /// A [configuration error](Error::is_config) when there is none, when two have one name, and when
    /// some count in this process and others in Redis, or at two places there.
    pub fn new(limiters: impl IntoIterator<Item = Limiter>) -> Result<Self, Error> {
        let limiters: Arc<[Limiter]> = limiters.into_iter().collect();
        if limiters.is_empty() {
            return Err(Error::config(
                "a set of no limiters; expected at least one, since a set of none would let \
                 everything through",
            ));
        }
        for (at, limiter) in limiters.iter().enumerate() {
            limiters
                .iter()
                .take(at)
                .try_for_each(|other| fit(other, limiter))?;
        }
        let members = limiters.iter().map(|limiter| Arc::clone(limiter.member()));
        Ok(Self {
            members: members.collect(),
            limiters,
        })
    }

    /// Whether `key` may do this once more now, by every limiter; charged by all of them if so.
    ///
    /// # Cancellation
    ///
    /// As with [`Limiter::check`].
    pub async fn check<Q: CacheKey + ?Sized>(&self, key: &Q) -> Decisions {
        self.check_n(key, 1).await
    }

    /// The same for something that takes `cost` permits of each limiter. A cost of 0 looks.
    ///
    /// # Cancellation
    ///
    /// As with [`Limiter::check`].
    pub async fn check_n<Q: CacheKey + ?Sized>(&self, key: &Q, cost: u32) -> Decisions {
        let limiters = Arc::clone(&self.limiters);
        #[cfg(feature = "redis")]
        if limiters
            .iter()
            .any(|limiter| limiter.member().place().is_some())
        {
            let key = KeyWriter::lend(key, |key| Box::<[u8]>::from(key));
            let each = asking::all(&self.members, &key, cost.into()).await;
            return Decisions { limiters, each };
        }
        let decide = |key: &[u8]| together::decide(&self.members, key, cost.into(), None);
        let each = KeyWriter::lend(key, decide);
        Decisions { limiters, each }
    }

    /// Its limiters.
    #[must_use]
    pub fn limiters(&self) -> &[Limiter] {
        &self.limiters
    }
}

impl fmt::Debug for LimiterSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LimiterSet").field(&self.limiters).finish()
    }
}

/// Whether both can be in one set.
fn fit(one: &Limiter, other: &Limiter) -> Result<(), Error> {
    let (name, other_name) = (one.name(), other.name());
    if name == other_name {
        return Err(Error::config(format!(
            "a set with two limiters of the name {name:?}; expected each once, and two policies \
             under two names"
        )));
    }
    #[cfg(feature = "redis")]
    if !one.member().is_beside(other.member()) {
        return Err(Error::config(format!(
            "a set with the limiters {name:?} and {other_name:?}, whose counts lie at different \
             places; expected limiters of one toolkit"
        )));
    }
    Ok(())
}

/// What a [`LimiterSet`] decided.
#[derive(Debug, Clone)]
pub struct Decisions {
    limiters: Arc<[Limiter]>,
    each: Decided,
}

impl Decisions {
    /// Whether the call may go on: every limiter allowed it, and charged it.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.each.iter().all(Decision::is_allowed)
    }

    /// What each limiter decided, in the order of the set. One that allowed what another refused charged
    /// nothing, and tells where the key stands without this call.
    pub fn each(&self) -> impl Iterator<Item = (&Limiter, Decision)> {
        self.limiters.iter().zip(self.each.iter().copied())
    }

    /// The limiter that refused, and its decision; of several the one that refuses longest.
    #[must_use]
    pub fn refusal(&self) -> Option<(&Limiter, Decision)> {
        let refused = self.each().filter(|(_, decision)| !decision.is_allowed());
        refused.max_by_key(|(_, decision)| match decision.outcome {
            Outcome::Allowed => Duration::ZERO,
            Outcome::Denied { retry_after } => retry_after,
            Outcome::Never => Duration::MAX,
        })
    }

    /// How long to wait before the same call passes, if nothing else is admitted before; `None` when it
    /// was allowed and when it never will be.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.refusal()?.1.retry_after()
    }
}
