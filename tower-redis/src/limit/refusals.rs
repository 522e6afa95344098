//! Refusals that need not be asked for again.
//!
//! A key that was refused is refused until it said it would pass: its counts only fall until then, unless
//! something is given back. This process knows of what it gives back itself; for what others do a refusal is
//! remembered for no longer than [`LONGEST`]. So a client that keeps knocking costs Redis one call a second.

use std::time::Duration;

use quick_cache::sync::Cache;

use super::contract::Tick;
use super::decision::{Decision, Outcome};

/// How late this process may learn that somebody else has given something back.
const LONGEST: Tick = 1_000_000;
/// Keys remembered. Others are asked for again.
const KEYS: usize = 4_096;

/// The last refusals of one policy.
pub(super) struct Refusals(Option<Cache<Box<[u8]>, Refusal>>);

#[derive(Debug, Clone, Copy)]
struct Refusal {
    decision: Decision,
    cost: u64,
    /// When it was told.
    at: Tick,
    /// From when on it is asked for again.
    until: Tick,
}

impl Refusals {
    /// None are, unless it `remembers`.
    pub(super) fn new(remembers: bool) -> Self {
        Self(remembers.then(|| Cache::new(KEYS)))
    }

    /// Remembers what `decision`, asked for at `sent` and told at `now`, refused.
    pub(super) fn learn(&self, key: &[u8], cost: u64, decision: Decision, sent: Tick, now: Tick) {
        let (Some(kept), Outcome::Denied { retry_after }) = (&self.0, decision.outcome) else {
            return;
        };
        // else there may be more before that, and less
        if retry_after != decision.more_after {
            return;
        }
        let wait = Tick::try_from(retry_after.as_micros()).unwrap_or(LONGEST);
        let refusal = Refusal {
            decision,
            cost,
            at: now,
            until: sent.saturating_add(wait.min(LONGEST)),
        };
        if refusal.until > now {
            kept.insert(key.into(), refusal);
        }
    }

    /// The refusal of the same call, if it still holds.
    pub(super) fn recall(&self, key: &[u8], cost: u64, now: Tick) -> Option<Decision> {
        let refusal = self.0.as_ref()?.get(key)?;
        if refusal.cost != cost || now >= refusal.until {
            return None;
        }
        let passed = Duration::from_micros(now.saturating_sub(refusal.at));
        let less = |duration: Duration| duration.saturating_sub(passed);
        let Outcome::Denied { retry_after } = refusal.decision.outcome else {
            return None;
        };
        Some(Decision {
            outcome: Outcome::Denied {
                retry_after: less(retry_after),
            },
            more_after: less(refusal.decision.more_after),
            reset_after: less(refusal.decision.reset_after),
            ..refusal.decision
        })
    }

    pub(super) fn forget(&self, key: &[u8]) {
        if let Some(kept) = &self.0 {
            kept.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::basis::Basis;

    fn refused(wait: u64, more: u64) -> Decision {
        Decision {
            outcome: Outcome::Denied {
                retry_after: Duration::from_micros(wait),
            },
            basis: Basis::Shared,
            shadow_denied: false,
            limit: 5,
            remaining: 0,
            more_after: Duration::from_micros(more),
            reset_after: Duration::from_micros(9_000_000),
        }
    }

    #[test]
    fn a_refusal_holds_until_the_first_instant_that_may_pass_and_no_longer_than_a_second() {
        let refusals = Refusals::new(true);
        refusals.learn(b"ada", 1, refused(500, 500), 1_000, 1_100);
        let told = refusals.recall(b"ada", 1, 1_499).unwrap();
        assert_eq!(told.retry_after(), Some(Duration::from_micros(101)));
        assert_eq!(told.reset_after, Duration::from_micros(8_999_601));
        assert!(refusals.recall(b"ada", 1, 1_500).is_none());
        assert!(refusals.recall(b"ada", 2, 1_200).is_none());
        refusals.learn(b"ada", 1, refused(5_000_000, 5_000_000), 1_000, 1_100);
        assert!(refusals.recall(b"ada", 1, 1_000_999).is_some());
        assert!(refusals.recall(b"ada", 1, 1_001_000).is_none());
        refusals.forget(b"ada");
        assert!(refusals.recall(b"ada", 1, 1_200).is_none());
    }

    #[test]
    fn what_may_change_before_it_passes_is_asked_for() {
        let refusals = Refusals::new(true);
        refusals.learn(b"ada", 3, refused(500, 100), 1_000, 1_100);
        assert!(refusals.recall(b"ada", 3, 1_200).is_none());
    }
}
