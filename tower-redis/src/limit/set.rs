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
/// A set hears of bans and of the keys that a limiter [denies](Limiter::deny); those that one
/// [allows](Limiter::allow) count for it as any other.
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
        if let Some(decisions) = self.kept_out(key, cost).await {
            return decisions;
        }
        let decisions = self.decide(key, cost).await;
        for (member, decision) in self.members.iter().zip(&decisions.each) {
            KeyWriter::lend(key, |key| member.learn(key, decision));
        }
        decisions
    }

    /// What is decided if one of its limiters keeps `key` out, whatever the counts are.
    async fn kept_out<Q: CacheKey + ?Sized>(&self, key: &Q, cost: u32) -> Option<Decisions> {
        let know = |key: &[u8]| {
            let mut each = self.members.iter().filter_map(|one| one.would_know(key));
            each.any(|known| !known.is_allowed())
        };
        let watched = self.members.iter().any(|one| one.guard.watches());
        if !watched || !KeyWriter::lend(key, know) {
            return None;
        }
        let mut each = Decided::new();
        for (limiter, member) in self.limiters.iter().zip(&*self.members) {
            let known = KeyWriter::lend(key, |key| {
                let would = member.would_know(key)?;
                (!would.is_allowed()).then(|| member.known(key))?
            });
            each.push(match known {
                Some(known) => known,
                None => limiter.peek_n(key, cost).await,
            });
        }
        let limiters = Arc::clone(&self.limiters);
        Some(Decisions { limiters, each })
    }

    async fn decide<Q: CacheKey + ?Sized>(&self, key: &Q, cost: u32) -> Decisions {
        let limiters = Arc::clone(&self.limiters);
        #[cfg(feature = "redis")]
        if limiters
            .iter()
            .any(|limiter| limiter.member().far.is_some())
        {
            let key = KeyWriter::lend(key, |key| Box::<[u8]>::from(key));
            let each = asking::all(&self.members, &key, cost.into()).await;
            return Decisions { limiters, each };
        }
        let decide = |key: &[u8]| {
            let decided = together::decide(&self.members, key, cost.into(), None);
            let each = self.members.iter().zip(decided);
            each.map(|(member, decision)| member.shown(decision))
                .collect()
        };
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

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::clock::{Clock, ManualClock};
    use crate::limit::full::OnFull;
    use crate::limit::policy::{Algorithm, Policy};
    use crate::limit::quota::Quota;

    fn limiter(clock: Clock, name: &'static str, algorithm: Algorithm, permits: u64) -> Limiter {
        let policy = Policy::new(name, Quota::per_minute(permits)).algorithm(algorithm);
        Limiter::new(&policy, clock).unwrap()
    }

    fn three(clock: &ManualClock) -> [Limiter; 3] {
        [
            limiter(clock.clock(), "a", Algorithm::StrictWindow, 7),
            limiter(clock.clock(), "b", Algorithm::Gcra, 10),
            limiter(clock.clock(), "c", Algorithm::FixedWindow, 12),
        ]
    }

    fn left(limiters: &[Limiter], key: u8) -> Vec<u64> {
        let look = |limiter: &Limiter| pollster::block_on(limiter.check_n(&key, 0)).remaining;
        limiters.iter().map(look).collect()
    }

    proptest! {
        #[test]
        fn all_charge_or_none(
            calls in vec((0_u8..3, 0_u32..9, prop_oneof![Just(0_u64), 0_u64..20]), 1..60),
        ) {
            let clock = ManualClock::new();
            let limiters = three(&clock);
            let set = LimiterSet::new(limiters.clone()).unwrap();
            for (key, cost, seconds) in calls {
                clock.advance(Duration::from_secs(seconds));
                let before = left(&limiters, key);
                let fits = |left: &u64| u64::from(cost) <= *left;
                let decisions = pollster::block_on(set.check_n(&key, cost));
                let all = before.iter().all(fits);
                prop_assert_eq!(decisions.is_allowed(), all);
                prop_assert_eq!(decisions.refusal().is_none(), all);
                let charged = if all { u64::from(cost) } else { 0 };
                let after = left(&limiters, key);
                for (n, (_, decision)) in decisions.each().enumerate() {
                    prop_assert_eq!(decision.is_allowed(), fits(&before[n]));
                    prop_assert_eq!(decision.remaining, after[n]);
                    prop_assert_eq!(after[n], before[n] - charged);
                }
            }
        }
    }

    #[test]
    fn sets_of_any_order_do_not_wait_for_each_other_and_lose_nothing() {
        let clock = ManualClock::new();
        let [a, b, c] = three(&clock);
        let sets = [
            LimiterSet::new([a.clone(), b.clone(), c.clone()]).unwrap(),
            LimiterSet::new([c, b.clone(), a.clone()]).unwrap(),
            LimiterSet::new([b.clone(), a.clone()]).unwrap(),
        ];
        std::thread::scope(|scope| {
            for set in &sets {
                scope.spawn(move || {
                    for n in 0..20_000_u32 {
                        pollster::block_on(set.check(&(n / 7)));
                    }
                });
            }
        });
        for key in 0..20_000 / 7 {
            let used = |limiter: &Limiter| {
                let look = pollster::block_on(limiter.check_n(&key, 0));
                look.limit - look.remaining
            };
            assert_eq!(used(&a), 7);
            assert_eq!(used(&b), 7);
        }
    }

    #[test]
    fn a_refusal_is_counted_where_it_was_made() {
        let clock = ManualClock::new();
        let limiters = three(&clock);
        let set = LimiterSet::new(limiters.clone()).unwrap();
        for _ in 0..9 {
            pollster::block_on(set.check("ada"));
        }
        let counts = limiters.map(|limiter| (limiter.stats().allowed, limiter.stats().denied));
        assert_eq!(counts, [(7, 2), (7, 0), (7, 0)]);
    }

    #[test]
    fn a_policy_without_room_that_refuses_charges_none_of_the_others() {
        let clock = ManualClock::new();
        let policy = Policy::new("small", Quota::per_minute(1)).max_keys(1);
        let small = Limiter::new(&policy.on_full(OnFull::Closed), clock.clock()).unwrap();
        let [large, ..] = three(&clock);
        let set = LimiterSet::new([large.clone(), small.clone()]).unwrap();
        let check = |key: u8| pollster::block_on(set.check(&key)).is_allowed();
        assert!(check(1));
        assert!(!check(2));
        assert_eq!(left(std::slice::from_ref(&large), 2), [7]);
        assert_eq!((small.stats().denied, small.stats().overflowed), (1, 1));
        // a refusal makes room for the next call once a key has come to rest
        clock.advance(Duration::from_secs(60));
        assert!(check(2) || check(2));
        assert_eq!(left(&[large, small], 2), [6, 0]);
    }

    #[test]
    fn a_set_that_makes_no_sense_does_not_build() {
        let clock = ManualClock::new();
        let [a, b, _] = three(&clock);
        let says = |limiters: Vec<Limiter>| LimiterSet::new(limiters).unwrap_err().to_string();
        assert!(says(vec![]).contains("no limiters; expected at least one"));
        let twice = says(vec![a.clone(), b, a]);
        assert!(twice.contains("two limiters of the name \"a\""), "{twice}");
    }
}
