//! Why a request is refused.

use http::StatusCode;

use crate::limit::{Decision, Outcome};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// Its client used what it may.
    Quota,
    /// As many are at it as may be at once.
    Capacity,
    /// Nobody counts at present, and uncounted nothing passes.
    Uncounted,
}

impl Reason {
    /// Why `decision` refuses, where permits are held or not.
    pub(super) fn of(decision: &Decision, holds: bool) -> Self {
        let denied = matches!(decision.outcome, Outcome::Denied { .. });
        if denied && !decision.is_counted() {
            Self::Uncounted
        } else if holds {
            Self::Capacity
        } else {
            Self::Quota
        }
    }

    /// 429 for what a client did (RFC 6585, section 4), 503 for what it did not.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Quota => StatusCode::TOO_MANY_REQUESTS,
            Self::Capacity | Self::Uncounted => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Quota => "rate limit exceeded",
            Self::Capacity => "too many requests at once",
            Self::Uncounted => "the rate limit cannot be counted at present",
        }
    }
}
