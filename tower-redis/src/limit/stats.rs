//! What a limiter has done so far.

use crate::telemetry::Counter;

#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) allowed: Counter,
    pub(crate) denied: Counter,
    pub(crate) overflowed: Counter,
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
