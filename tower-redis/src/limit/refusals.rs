//! Refusals that need not be asked for again.
//!
//! A key that was refused is refused until it said it would pass: its counts only fall until then, unless
//! something is given back. This process knows of what it gives back itself; for what others do a refusal is
//! remembered for no longer than [`LONGEST`]. So a client that keeps knocking costs Redis one call a second.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::bounded::{Bounded, Weigh, shards_of};

use super::contract::Tick;
use super::decision::{Decision, Outcome};

/// How late this process may learn that somebody else has given something back.
pub(super) const LONGEST: Tick = 1_000_000;
/// Keys remembered. Others are asked for again.
pub(super) const KEYS: usize = 4_096;

/// The last refusals of one policy.
pub(super) struct Refusals {
    kept: Option<Bounded<Box<[u8]>, Refusal>>,
    /// How often something was given back.
    forgotten: AtomicU64,
}

#[derive(Debug, Clone, Copy)]
struct Refusal {
    decision: Decision,
    cost: u64,
    /// When it was told.
    at: Tick,
    /// From when on it is asked for again.
    until: Tick,
}

impl Weigh for Refusal {}

impl Refusals {
    /// None are, unless it `remembers`.
    pub(super) fn new(remembers: bool) -> Self {
        Self {
            kept: remembers.then(|| Bounded::new(KEYS as u64, shards_of(KEYS as u64))),
            forgotten: AtomicU64::new(0),
        }
    }

    /// Until when what `decision` refused, asked for at `sent`, need not be asked again; nothing where it has to.
    pub(super) fn holds_until(&self, decision: &Decision, sent: Tick) -> Option<Tick> {
        self.kept.as_ref()?;
        // else there may be more before that, and less
        let wait = decision
            .retry_after()
            .filter(|wait| *wait == decision.more_after)?;
        let wait = Tick::try_from(wait.as_micros()).unwrap_or(LONGEST);
        Some(sent.saturating_add(wait.min(LONGEST)))
    }

    /// Remembers what `decision`, asked for at `sent` and told at `now`, refused.
    pub(super) fn learn(&self, key: &[u8], cost: u64, decision: Decision, sent: Tick, now: Tick) {
        let until = self.holds_until(&decision, sent);
        let (Some(kept), Some(until)) = (&self.kept, until.filter(|until| *until > now)) else {
            return;
        };
        let refusal = Refusal {
            decision,
            cost,
            at: now,
            until,
        };
        kept.insert(key.into(), refusal);
    }

    /// The refusal of the same call, if it still holds.
    pub(super) fn recall(&self, key: &[u8], cost: u64, now: Tick) -> Option<Decision> {
        let refusal = self.kept.as_ref()?.read(key, |refusal| *refusal)?;
        if refusal.cost != cost || now >= refusal.until {
            return None;
        }
        Some(later(refusal.decision, now.saturating_sub(refusal.at)))
    }

    pub(super) fn forget(&self, key: &[u8]) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        if let Some(kept) = &self.kept {
            kept.remove(key);
        }
    }

    /// How often something was given back, of whatever key.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Acquire)
    }
}

/// A decision as it is told so much after it was made.
pub(super) fn later(decision: Decision, passed: Tick) -> Decision {
    let passed = Duration::from_micros(passed);
    let less = |duration: Duration| duration.saturating_sub(passed);
    let outcome = match decision.outcome {
        Outcome::Denied { retry_after } => Outcome::Denied {
            retry_after: less(retry_after),
        },
        outcome => outcome,
    };
    Decision {
        outcome,
        more_after: less(decision.more_after),
        reset_after: less(decision.reset_after),
        ..decision
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
