//! Why a call is refused.

use super::basis::Basis;
use super::decision::{Decision, Outcome};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Who calls used what it may.
    Quota,
    /// It was refused again and again, and is kept out for a while.
    Ban,
    /// As many are at it as may be at once.
    Capacity,
    /// Nobody counts at present, and uncounted nothing passes.
    Uncounted,
}

impl Reason {
    /// Why `decision` refuses, where permits are held or not.
    pub(crate) fn of(decision: &Decision, holds: bool) -> Self {
        let denied = matches!(decision.outcome, Outcome::Denied { .. });
        if denied && !decision.is_counted() {
            Self::Uncounted
        } else if decision.basis == Basis::Banned {
            Self::Ban
        } else if holds {
            Self::Capacity
        } else {
            Self::Quota
        }
    }

    /// For whoever is refused.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Quota => "rate limit exceeded",
            Self::Ban => "refused too often, and kept out for a while",
            Self::Capacity => "too many requests at once",
            Self::Uncounted => "the rate limit cannot be counted at present",
        }
    }
}
