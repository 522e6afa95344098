//! What several limiters decided together.

use std::sync::Arc;
use std::time::Duration;

use super::decision::{Decided, Decision, Outcome};
use super::limiter::Limiter;

/// What a [`LimiterSet`](super::LimiterSet) decided.
#[derive(Debug, Clone)]
pub struct Decisions {
    pub(super) limiters: Arc<[Limiter]>,
    pub(super) each: Decided,
}

impl Decisions {
    /// Whether the call may go on: every limiter allowed it, and charged it.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.each.iter().all(Decision::is_allowed)
    }

    /// The limiters of the set.
    #[cfg(feature = "rate-limit")]
    pub(crate) fn limiters(&self) -> &[Limiter] {
        &self.limiters
    }

    /// What each limiter decided, in the order of the set. One that allowed what another refused charged
    /// nothing, and tells where the key stands without this call.
    pub fn each(&self) -> impl Iterator<Item = (&Limiter, Decision)> {
        self.limiters.iter().zip(self.each.iter().copied())
    }

    /// Those that refused, in the order of the set.
    pub fn refusals(&self) -> impl Iterator<Item = (&Limiter, Decision)> {
        self.each().filter(|(_, decision)| !decision.is_allowed())
    }

    /// The limiter that refused, and its decision; of several the one that refuses longest.
    #[must_use]
    pub fn refusal(&self) -> Option<(&Limiter, Decision)> {
        self.refusals()
            .max_by_key(|(_, decision)| match decision.outcome {
                Outcome::Allowed => Duration::ZERO,
                Outcome::Denied { retry_after } => retry_after,
                Outcome::Never => Duration::MAX,
            })
    }

    /// How long to wait before the same call passes all of them, if nothing else is admitted before; `None` when it
    /// was allowed and when it never will be.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.refusal()?.1.retry_after()
    }
}
