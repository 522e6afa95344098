//! Keys for which a limiter does not count, and who is refused most.
//!
//! Lists are settings: each process has its own, as it has its policies, and says them when it starts. Who is refused
//! most is known of a process alone, since most refusals are made without asking Redis.

use crate::key::{CacheKey, KeyWriter};

use super::guard::Listed;
use super::limiter::Limiter;
use super::offenders::Offender;

impl Limiter {
    /// Lets `key` pass from now on, without counting: an office, a probe. In this process, which says it again when it
    /// starts: a list is a setting, and nobody else is told. A key is what is counted: of an IPv6 address its network, as
    /// `PeerIp::subject` tells.
    pub fn allow<Q: CacheKey + ?Sized>(&self, key: &Q) {
        self.list(key, Some(Listed::Allowed));
    }

    /// Refuses `key` from now on, whatever it has left: [`Outcome::Never`](super::Outcome::Never). In this process,
    /// as with [`allow`](Self::allow). What one process finds out, and all have to hold to, is a
    /// [ban](super::Policy::ban).
    pub fn deny<Q: CacheKey + ?Sized>(&self, key: &Q) {
        self.list(key, Some(Listed::Denied));
    }

    /// Counts `key` as any other again.
    pub fn unlist<Q: CacheKey + ?Sized>(&self, key: &Q) {
        self.list(key, None);
    }

    fn list<Q: CacheKey + ?Sized>(&self, key: &Q, listed: Option<Listed>) {
        KeyWriter::lend(key, |key| self.member().guard.list(key, listed));
    }

    /// The keys that this process has refused most often (those of others are theirs to tell), the most frequent first: as many as
    /// [`Policy::top_denied`](super::Policy::top_denied) remembers.
    #[must_use]
    pub fn top_denied(&self) -> Vec<Offender> {
        self.member().guard.top()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use pollster::block_on;

    use super::*;
    use crate::clock::ManualClock;
    use crate::limit::ban::Ban;
    use crate::limit::basis::Basis;
    use crate::limit::decision::Outcome;
    use crate::limit::policy::Policy;
    use crate::limit::quota::Quota;
    use crate::limit::set::LimiterSet;

    const MINUTE: Duration = Duration::from_secs(60);

    fn limiter(clock: &ManualClock, policy: &Policy) -> Limiter {
        Limiter::new(policy, clock.clock()).unwrap()
    }

    fn two() -> Policy {
        Policy::new("two", Quota::per_minute(2))
    }

    #[test]
    fn a_list_decides_without_counting() {
        let clock = ManualClock::new();
        let limiter = limiter(&clock, &two());
        limiter.allow("office");
        limiter.deny("spammer");
        for _ in 0..5 {
            let decision = block_on(limiter.check("office"));
            assert_eq!((decision.basis, decision.remaining), (Basis::Listed, 2));
            assert!(decision.is_allowed());
            let decision = block_on(limiter.check("spammer"));
            assert_eq!(
                (decision.basis, decision.outcome),
                (Basis::Listed, Outcome::Never)
            );
            assert!(!block_on(limiter.peek("spammer")).is_allowed());
            assert!(block_on(limiter.reserve("spammer", 1)).is_err());
        }
        assert_eq!(block_on(limiter.try_acquire_up_to("office", 7)).0, 7);
        // what was not counted is not given back
        drop(block_on(limiter.reserve("office", 1)).unwrap());
        assert_eq!(limiter.stats().keys, 0);
        limiter.unlist("spammer");
        assert_eq!(block_on(limiter.check("spammer")).remaining, 1);
        let stats = limiter.stats();
        assert_eq!((stats.allowed, stats.denied), (8, 10));
    }

    #[test]
    fn who_is_denied_again_and_again_is_kept_out_for_a_while() {
        let clock = ManualClock::new();
        let ban = Ban::after(3, MINUTE).lasting(10 * MINUTE);
        let limiter = limiter(&clock, &two().ban(ban).top_denied(4));
        let check = |key: &str| block_on(limiter.check(key));
        for n in 0..5 {
            assert_eq!(check("ada").is_allowed(), n < 2);
        }
        clock.advance(9 * MINUTE);
        let banned = check("ada");
        assert_eq!(banned.basis, Basis::Banned);
        assert_eq!(banned.retry_after(), Some(MINUTE));
        assert_eq!(banned.limit, 2);
        assert_eq!(block_on(limiter.peek("ada")), banned);
        assert!(check("grace").is_allowed());
        // asking meanwhile does not make it longer
        clock.advance(MINUTE);
        assert!(check("ada").is_allowed());
        assert_eq!(limiter.stats().banned, 1);
        let top = limiter.top_denied();
        assert_eq!(
            (top.len(), &*top[0].key, top[0].denied, top[0].error),
            (1, "ada", 4, 0)
        );
        // denials further apart begin none
        for _ in 0..4 {
            for _ in 0..4 {
                check("slow");
            }
            clock.advance(2 * MINUTE);
        }
        assert!(check("slow").is_allowed());
    }

    #[test]
    fn a_reset_ends_a_ban() {
        let clock = ManualClock::new();
        let limiter = limiter(&clock, &two().ban(Ban::after(1, MINUTE)));
        for _ in 0..4 {
            block_on(limiter.check("ada"));
        }
        assert_eq!(block_on(limiter.check("ada")).basis, Basis::Banned);
        assert!(block_on(limiter.reset("ada")));
        assert_eq!(block_on(limiter.check("ada")).remaining, 1);
    }

    #[test]
    fn keys_without_room_are_not_banned_for_each_other() {
        let clock = ManualClock::new();
        let policy = two().ban(Ban::after(2, MINUTE)).max_keys(3);
        let limiter = limiter(&clock, &policy);
        for key in 0..200 {
            for _ in 0..3 {
                block_on(limiter.check(&key));
            }
        }
        for key in 1_000..1_050 {
            assert_ne!(block_on(limiter.check(&key)).basis, Basis::Banned);
        }
    }

    #[test]
    fn a_ban_holds_in_a_set() {
        let clock = ManualClock::new();
        let logins = limiter(
            &clock,
            &two().ban(Ban::after(1, MINUTE).lasting(9 * MINUTE)),
        );
        let calls = limiter(&clock, &Policy::new("calls", Quota::per_hour(100)));
        let set = LimiterSet::new([calls.clone(), logins]).unwrap();
        for _ in 0..3 {
            block_on(set.check("ada"));
        }
        clock.advance(2 * MINUTE);
        let decisions = block_on(set.check("ada"));
        assert_eq!(decisions.refusal().unwrap().1.basis, Basis::Banned);
        assert_eq!(block_on(calls.peek("ada")).remaining, 98);
        assert!(block_on(set.check("grace")).is_allowed());
    }

    #[test]
    fn a_ban_that_makes_no_sense_does_not_build() {
        let clock = ManualClock::new();
        for ban in [Ban::after(0, MINUTE), Ban::after(1, Duration::ZERO)] {
            let refusal = Limiter::new(&two().ban(ban), clock.clock()).unwrap_err();
            let said = refusal.to_string();
            assert!(
                said.contains("the policy \"two\": a ban as a quota"),
                "{said}"
            );
        }
    }
}
