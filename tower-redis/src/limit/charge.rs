//! What a call was charged, and where, so that it can be given back.

use smallvec::SmallVec;

use super::contract::Tick;
use super::decision::Decision;

/// When a call was charged: by the clock of this process, and by that of Redis.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Charged {
    pub(super) here: Option<Tick>,
    pub(super) there: Option<Tick>,
}

/// A decision, how many calls it let pass, and what they were charged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged {
    pub(super) decision: Decision,
    pub(super) passed: u64,
    pub(super) charged: Charged,
}

impl Judged {
    /// Of one call.
    pub(super) fn of(decision: Decision, charged: Charged) -> Self {
        Self {
            decision,
            passed: u64::from(decision.is_allowed()),
            charged,
        }
    }
}

/// What several policies decided together, in their order.
pub(super) type Verdict = SmallVec<[Judged; 2]>;
