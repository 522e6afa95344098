//! What a limiter has done so far.

#[cfg(feature = "redis")]
use crate::telemetry::Counter;

#[cfg(feature = "redis")]
use super::basis::{Basis, OnUnavailable};
#[cfg(feature = "redis")]
use super::decision::Decision;

/// What was decided.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) allowed: u64,
    pub(crate) denied: u64,
    pub(crate) overflowed: u64,
}

impl Counts {
    #[inline]
    pub(crate) fn count(&mut self, is_allowed: bool, overflowed: bool) {
        if is_allowed {
            self.allowed += 1;
        } else {
            self.denied += 1;
        }
        self.overflowed += u64::from(overflowed);
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            allowed: self.allowed + other.allowed,
            denied: self.denied + other.denied,
            overflowed: self.overflowed + other.overflowed,
        }
    }
}

/// What was decided about calls whose counts are shared, side by side for each thread.
#[cfg(feature = "redis")]
#[derive(Debug, Default)]
pub(super) struct SharedCounts {
    allowed: Counter,
    denied: Counter,
    unknown: Counter,
    coalesced: Counter,
    recalled: Counter,
    leased: Counter,
    overshoot: Counter,
    open: Counter,
    closed: Counter,
    local: Counter,
}

#[cfg(feature = "redis")]
impl SharedCounts {
    pub(super) fn count(&self, decision: &Decision) {
        if decision.is_allowed() {
            self.allowed.bump();
        } else {
            self.denied.bump();
        }
        let policy = match decision.basis {
            Basis::Memory | Basis::Shared | Basis::Leased | Basis::Listed | Basis::Banned => return,
            Basis::Unavailable(policy) => policy,
            Basis::Unknown(policy) => {
                self.unknown.bump();
                policy
            }
        };
        match policy {
            OnUnavailable::Local | OnUnavailable::Share => self.local.bump(),
            OnUnavailable::Open => self.open.bump(),
            OnUnavailable::Closed => self.closed.bump(),
        }
    }

    /// So many went along with another one.
    pub(super) fn coalesced(&self, calls: u64) {
        if calls > 0 {
            self.coalesced.add(calls);
        }
    }

    /// One was not asked for, as the answer was known.
    pub(super) fn recalled(&self) {
        self.recalled.bump();
    }

    /// One was let pass by what was taken ahead.
    pub(super) fn leased(&self) {
        self.leased.bump();
    }

    /// So many permits were used that no lease had.
    pub(super) fn overshot(&self, permits: u64) {
        if permits > 0 {
            self.overshoot.add(permits);
        }
    }

    pub(super) fn add_to(&self, stats: &mut LimiterStats) {
        stats.allowed = self.allowed.total();
        stats.denied = self.denied.total();
        stats.coalesced = self.coalesced.total();
        stats.recalled = self.recalled.total();
        stats.leased = self.leased.total();
        stats.overshoot = self.overshoot.total();
        stats.unknown = self.unknown.total();
        stats.open = self.open.total();
        stats.closed = self.closed.total();
        stats.local = self.local.total();
    }
}

/// A snapshot of one limiter's counters since it was built.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimiterStats {
    /// The name of its policy.
    pub name: String,
    /// Checks that passed.
    pub allowed: u64,
    /// Checks that did not, those that never will included.
    pub denied: u64,
    /// Checks that passed because the policy is in [shadow](super::Policy::shadow), and would not have. They are
    /// among those that passed.
    pub shadow_denied: u64,
    /// Checks that did not pass because of a [ban](super::Policy::ban).
    pub banned: u64,
    /// Checks, of either kind, that went to Redis along with another one of their key.
    pub coalesced: u64,
    /// Checks that did not pass, and were not asked for: Redis had refused the same before, until later than now.
    pub recalled: u64,
    /// Checks that passed by permits that were taken ahead: [`Policy::leases`](super::Policy::leases).
    pub leased: u64,
    /// Permits that were used and no lease had: a fault in this library, unless it is 0.
    pub overshoot: u64,
    /// Checks, of either kind, that Redis did not answer in time: it may have charged them. They were
    /// not repeated, and the policy's [`OnUnavailable`](super::OnUnavailable) decided them.
    pub unknown: u64,
    /// Checks that passed because Redis could not be asked, or did not answer, and the policy is
    /// [`OnUnavailable::Open`](super::OnUnavailable::Open).
    pub open: u64,
    /// Checks that did not pass for that reason and the policy is
    /// [`OnUnavailable::Closed`](super::OnUnavailable::Closed).
    pub closed: u64,
    /// Checks, of either kind, that the counts of this process decided for that reason.
    pub local: u64,
    /// Checks, of either kind, whose key had to share its permits with others because the bound on
    /// keys in this process was reached. Raise [`Policy::max_keys`](super::Policy::max_keys) when this grows.
    pub overflowed: u64,
    /// Keys remembered in this process now. Those at rest are removed when others arrive.
    pub keys: usize,
}

impl LimiterStats {
    /// Adds what another limiter of the same name has done.
    pub(crate) fn add(&mut self, other: &Self) {
        self.allowed += other.allowed;
        self.denied += other.denied;
        self.shadow_denied += other.shadow_denied;
        self.banned += other.banned;
        self.coalesced += other.coalesced;
        self.recalled += other.recalled;
        self.leased += other.leased;
        self.overshoot += other.overshoot;
        self.unknown += other.unknown;
        self.open += other.open;
        self.closed += other.closed;
        self.local += other.local;
        self.overflowed += other.overflowed;
        self.keys += other.keys;
    }
}
