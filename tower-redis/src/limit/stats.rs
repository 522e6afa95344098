//! What a limiter has done so far.

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
    pub(crate) fn count(&mut self, decision: &Decision, overflowed: bool) {
        if decision.is_allowed() {
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
    /// Checks, of either kind, whose key had to share its permits with others because the bound on
    /// keys was reached. Raise [`Policy::max_keys`](super::Policy::max_keys) when this grows.
    pub overflowed: u64,
    /// Keys remembered now. Those at rest are removed when others arrive.
    pub keys: usize,
}

impl LimiterStats {
    /// Adds what another limiter of the same name has done.
    pub(crate) fn add(&mut self, other: &Self) {
        self.allowed += other.allowed;
        self.denied += other.denied;
        self.overflowed += other.overflowed;
        self.keys += other.keys;
    }
}
