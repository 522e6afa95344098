//! Permits that are taken ahead, so that calls of a busy key need not ask.
//!
//! A lease is charged in Redis as any other call, as many permits at once as are there, and never more than a
//! quarter of what is left; it is used by this process for [`HORIZON`], and what was not used is given back. So
//! nothing is ever used that was not granted. The next one is taken behind the calls, when a fifth is left.
//!
//! Only a key whose calls have to wait for each other is leased: one that is asked now and then is asked exactly.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::basis::Basis;
use super::contract::Tick;
use super::decision::{Decision, Outcome};

/// How long a lease is used: so much earlier than it is used a permit may be charged.
pub(super) const HORIZON: Duration = Duration::from_millis(200);

/// What part of what is left may be taken ahead.
const PART: u64 = 4;
/// What part of a lease is left when the next one is taken.
const REST: u64 = 5;

/// The leases of one policy.
pub(super) struct Leases {
    most: u64,
    pots: Mutex<HashMap<Box<[u8]>, Pot>>,
}

/// What is left of the leases of one key.
struct Pot {
    grants: Vec<Grant>,
    /// Where the key stood when the last was granted.
    standing: Decision,
    /// Another one is under way.
    waits: bool,
}

/// One lease.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grant {
    /// When it was charged, by the server's clock.
    pub(super) at: Tick,
    pub(super) granted: u64,
    pub(super) used: u64,
    /// Until when it is used, by the clock of this process.
    until: Tick,
}

impl Grant {
    pub(super) fn left(&self) -> u64 {
        self.granted.saturating_sub(self.used)
    }
}

/// A call that was let pass by a lease.
pub(super) struct Taken {
    pub(super) decision: Decision,
    /// When its permits were charged, by the server's clock.
    pub(super) at: Tick,
    /// As many are to be taken next.
    pub(super) next: Option<u64>,
}

impl Leases {
    /// Leases of at most so many permits.
    pub(super) fn new(most: u64) -> Self {
        Self {
            most,
            pots: Mutex::default(),
        }
    }

    fn pots(&self) -> MutexGuard<'_, HashMap<Box<[u8]>, Pot>> {
        self.pots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many to take ahead where a key stands so; none when it is nearly used up.
    fn size(&self, standing: &Decision) -> Option<u64> {
        let size = self.most.min(standing.remaining / PART);
        (size > 1).then_some(size)
    }

    /// Lets a call of `cost` pass, if a lease has as many permits.
    pub(super) fn take(&self, key: &[u8], cost: u64, now: Tick) -> Option<Taken> {
        let mut pots = self.pots();
        let pot = pots.get_mut(key)?;
        let mut live = pot.grants.iter_mut();
        let grant = live.find(|grant| now < grant.until && grant.left() >= cost)?;
        grant.used += cost;
        let at = grant.at;
        let left: u64 = pot.grants.iter().map(Grant::left).sum();
        let mut next = None;
        if !pot.waits && left <= self.most / REST {
            next = self.size(&pot.standing);
            pot.waits = next.is_some();
        }
        let standing = pot.standing;
        let decision = Decision {
            outcome: Outcome::Allowed,
            basis: Basis::Leased,
            remaining: standing.remaining.saturating_add(left).min(standing.limit),
            ..standing
        };
        Some(Taken { decision, at, next })
    }

    /// How many to take ahead of a key that stands so, unless some are under way.
    pub(super) fn begin(&self, key: &[u8], standing: Decision) -> Option<u64> {
        let size = self.size(&standing)?;
        let mut pots = self.pots();
        let pot = pots.entry(key.into()).or_insert_with(|| Pot {
            grants: Vec::new(),
            standing,
            waits: false,
        });
        if pot.waits || !pot.grants.is_empty() {
            return None;
        }
        pot.waits = true;
        Some(size)
    }

    /// So many were granted, or none.
    pub(super) fn granted(&self, key: &[u8], granted: u64, at: Tick, until: Tick, now: Decision) {
        let mut pots = self.pots();
        let Some(pot) = pots.get_mut(key) else {
            return;
        };
        pot.waits = false;
        pot.standing = now;
        if granted > 0 {
            pot.grants.push(Grant {
                at,
                granted,
                used: 0,
                until,
            });
        } else if pot.grants.is_empty() {
            pots.remove(key);
        }
    }

    /// Nobody knows whether some were granted.
    pub(super) fn failed(&self, key: &[u8]) {
        let mut pots = self.pots();
        if let Some(pot) = pots.get_mut(key) {
            pot.waits = false;
            if pot.grants.is_empty() {
                pots.remove(key);
            }
        }
    }

    /// Ends the lease that was charged at `at`.
    pub(super) fn end(&self, key: &[u8], at: Tick) -> Option<Grant> {
        let mut pots = self.pots();
        let pot = pots.get_mut(key)?;
        let place = pot.grants.iter().position(|grant| grant.at == at)?;
        let grant = pot.grants.remove(place);
        if pot.grants.is_empty() && !pot.waits {
            pots.remove(key);
        }
        Some(grant)
    }

    /// Forgets the leases of a key that was forgotten.
    pub(super) fn forget(&self, key: &[u8]) {
        self.pots().remove(key);
    }
}

// keys may be secrets
impl fmt::Debug for Leases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leases")
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(remaining: u64) -> Decision {
        Decision {
            outcome: Outcome::Allowed,
            basis: Basis::Shared,
            shadow_denied: false,
            limit: 1_000,
            remaining,
            more_after: Duration::ZERO,
            reset_after: Duration::ZERO,
        }
    }

    #[test]
    fn no_more_is_used_than_was_granted_and_the_rest_is_told() {
        let leases = Leases::new(10);
        assert_eq!(leases.begin(b"ada", standing(100)), Some(10));
        assert_eq!(leases.begin(b"ada", standing(100)), None);
        assert!(leases.take(b"ada", 1, 0).is_none());
        leases.granted(b"ada", 10, 77, 1_000, standing(90));
        for n in 1..=7 {
            let taken = leases.take(b"ada", 1, 999).unwrap();
            assert_eq!((taken.at, taken.next), (77, None));
            assert_eq!(taken.decision.remaining, 100 - n);
        }
        assert!(leases.take(b"ada", 4, 999).is_none());
        assert!(leases.take(b"ada", 1, 1_000).is_none(), "its time is over");
        // at a fifth the next is asked for, once
        assert_eq!(leases.take(b"ada", 1, 999).unwrap().next, Some(10));
        assert_eq!(leases.take(b"ada", 1, 999).unwrap().next, None);
        let ended = leases.end(b"ada", 77).unwrap();
        assert_eq!((ended.used, ended.left()), (9, 1));
        assert!(leases.end(b"ada", 77).is_none());
    }

    #[test]
    fn a_key_that_is_nearly_used_up_is_not_leased() {
        let leases = Leases::new(10);
        assert_eq!(leases.begin(b"ada", standing(7)), None);
        assert_eq!(leases.begin(b"ada", standing(20)), Some(5));
        leases.failed(b"ada");
        assert_eq!(leases.begin(b"ada", standing(20)), Some(5));
        leases.granted(b"ada", 0, 1, 1, standing(0));
        assert!(leases.pots().is_empty());
    }
}
