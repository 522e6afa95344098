//! Several limiters that decide together.

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "rate-limit")]
use futures_util::FutureExt as _;

use crate::error::Error;

use super::charge::Judged;
use super::decisions::Decisions;
use super::limiter::Limiter;
use super::lines::Lines;
use super::member::Member;
#[cfg(feature = "redis")]
use super::remembered::Remembered;
use super::subjects::{SetKey, Subjects};

/// Several limiters that decide about one call together: all of them let it through and charge it,
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
/// All count one key, or [each](super::Each) one of its own: the address, the API key, everybody.
///
/// A key that a limiter [allows](Limiter::allow) is not counted by it, and by the others as any other; one that a
/// limiter [denies](Limiter::deny) or has [banned](super::Policy::ban) is refused, and the others are not charged.
///
/// A limiter of a set can be asked alone as well, and be in other sets; its counts are the same.
///
/// With state in Redis a set is one round trip, and one script decides, whatever the keys are. (On a cluster, which
/// this version does not speak to, the keys of one subject would lie in one slot, and those of several would not.)
/// Calls of a set do not go together with others. A refusal is remembered by this process for a second at most, as that
/// of one policy is; what the other policies have left is told as it was then. While Redis cannot be asked each policy
/// says what it does then, and the call passes if all let it; those that count in this process charge all or nothing.
#[derive(Clone)]
pub struct LimiterSet {
    limiters: Arc<[Limiter]>,
    pub(super) members: Arc<[Arc<Member>]>,
    /// Who waits for it.
    pub(super) lines: Arc<Lines>,
    /// What need not be asked again.
    #[cfg(feature = "redis")]
    pub(super) refused: Arc<Remembered>,
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
            lines: Arc::default(),
            #[cfg(feature = "redis")]
            refused: Arc::default(),
        })
    }

    /// Whether `key` may do this once more now, by every limiter; charged by all of them if so.
    ///
    /// It is one key for all of them, or one for [`Each`](super::Each).
    ///
    /// # Cancellation
    ///
    /// As with [`Limiter::check`].
    pub async fn check<K: SetKey + ?Sized>(&self, key: &K) -> Decisions {
        self.check_n(key, 1).await
    }

    /// The same for something that takes `cost` permits of each limiter. A cost of 0 looks.
    ///
    /// # Cancellation
    ///
    /// As with [`Limiter::check`].
    pub async fn check_n<K: SetKey + ?Sized>(&self, key: &K, cost: u32) -> Decisions {
        self.decide(&Subjects::of(key), cost).await
    }

    /// The same, for who has the keys.
    pub(crate) async fn decide(&self, subjects: &Subjects, cost: u32) -> Decisions {
        let judged = self.judge(subjects, cost).await;
        self.decided(&judged)
    }

    /// Its limiters.
    #[must_use]
    pub fn limiters(&self) -> &[Limiter] {
        &self.limiters
    }

    /// The first of them, which every set has.
    #[cfg(feature = "rate-limit")]
    pub(crate) fn first(&self) -> &Limiter {
        &self.limiters[0]
    }

    /// What was judged, for who asked.
    pub(super) fn decided(&self, judged: &[Judged]) -> Decisions {
        Decisions {
            limiters: Arc::clone(&self.limiters),
            each: judged.iter().map(|judged| judged.decision).collect(),
        }
    }

    /// As `decide`, at once, where the counts are those of this process.
    #[cfg(feature = "rate-limit")]
    pub(crate) fn decide_here(&self, subjects: &Subjects, cost: u32) -> Option<Decisions> {
        if self.is_shared() {
            return None;
        }
        // nobody is waited for
        self.decide(subjects, cost).now_or_never()
    }

    /// Whether the counts lie in Redis.
    #[cfg(any(feature = "redis", feature = "rate-limit"))]
    pub(super) fn is_shared(&self) -> bool {
        self.limiters.iter().any(Limiter::is_shared)
    }
}

/// A set of one: what can be asked of several can be asked of it.
impl From<Limiter> for LimiterSet {
    fn from(limiter: Limiter) -> Self {
        Self {
            members: Arc::from([Arc::clone(limiter.member())]),
            limiters: Arc::from([limiter]),
            lines: Arc::default(),
            #[cfg(feature = "redis")]
            refused: Arc::default(),
        }
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

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use std::time::Duration;

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
