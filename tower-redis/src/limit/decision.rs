//! What a limiter answers.

use std::time::Duration;

use smallvec::SmallVec;

use super::basis::{Basis, OnUnavailable};

/// What a [`Limiter`](super::Limiter) decided about one call, and where its key stands after it.
///
/// Durations count from the moment of the decision and are whole microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Decision {
    /// Whether the call may go on.
    pub outcome: Outcome,
    /// What this decision rests on. Only counts make the rest of it exact: see
    /// [`is_counted`](Self::is_counted).
    pub basis: Basis,
    /// The policy is in [shadow](super::Policy::shadow) and would have refused. Nothing was charged.
    pub shadow_denied: bool,
    /// The most that can be used at once: the permits of a period, or the burst of a quota that has
    /// one.
    pub limit: u64,
    /// What is left of it now, this call's cost taken off if it was allowed.
    pub remaining: u64,
    /// How long until more than `remaining` is available, if nothing else is used; zero when nothing
    /// is in use.
    pub more_after: Duration,
    /// How long until all of `limit` is available again, if nothing else is used.
    pub reset_after: Duration,
}

/// The decisions of several limiters about one key, in their order.
pub(crate) type Decided = SmallVec<[Decision; 1]>;

/// Whether a call may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// Yes; its cost was charged.
    Allowed,
    /// Not now; nothing was charged.
    Denied {
        /// After exactly this long the same call passes, if nothing else is admitted before. When
        /// nothing could be counted, a time after which asking again makes sense.
        retry_after: Duration,
    },
    /// Not now and not later: it costs more than the limit. Nothing was charged.
    Never,
}

impl Decision {
    /// Whether the call may go on.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.outcome == Outcome::Allowed
    }

    /// As a policy in shadow says it.
    pub(crate) fn in_shadow(self) -> Self {
        match self.outcome {
            Outcome::Allowed => self,
            Outcome::Denied { .. } | Outcome::Never => Self {
                outcome: Outcome::Allowed,
                shadow_denied: true,
                ..self
            },
        }
    }

    /// True when the call costs more than the limit, so that waiting does not help.
    #[must_use]
    pub fn is_never(&self) -> bool {
        self.outcome == Outcome::Never
    }

    /// How long to wait before the same call passes, if nothing else is admitted before; `None` when
    /// it was allowed and when it will [never](Self::is_never) be.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self.outcome {
            Outcome::Denied { retry_after } => Some(retry_after),
            Outcome::Allowed | Outcome::Never => None,
        }
    }

    /// Whether it rests on counts. If not, Redis could not be asked and the policy lets all calls
    /// through, or none ([`OnUnavailable::Open`], [`OnUnavailable::Closed`]): then `remaining` and the
    /// durations say nothing about the key.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        match self.basis {
            Basis::Memory | Basis::Shared | Basis::Leased | Basis::Listed | Basis::Banned => true,
            Basis::Unavailable(policy) | Basis::Unknown(policy) => {
                matches!(policy, OnUnavailable::Local | OnUnavailable::Share)
            }
        }
    }
}
