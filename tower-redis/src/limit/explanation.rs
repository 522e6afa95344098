//! Why a call would be refused.

use std::fmt;
use std::time::Duration;

use super::decision::{Decision, Outcome};
use super::limiter::Limiter;

/// What a limiter says of a key: [`Limiter::explain`].
#[derive(Clone)]
pub struct Explanation {
    limiter: Limiter,
    key: String,
    cost: u32,
    decision: Decision,
}

impl Explanation {
    pub(super) fn new(limiter: Limiter, key: &[u8], cost: u32, decision: Decision) -> Self {
        Self {
            limiter,
            key: String::from_utf8_lossy(key).into_owned(),
            cost,
            decision,
        }
    }

    /// The name of the policy.
    #[must_use]
    pub fn policy(&self) -> &str {
        self.limiter.name()
    }

    /// The key as it is counted under, for eyes that may see it: nothing prints it.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The cost it was asked for.
    #[must_use]
    pub fn cost(&self) -> u32 {
        self.cost
    }

    /// What would be decided.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.decision
    }

    /// How long until it passes, if nothing else is admitted before: zero if it does now, `None` if it never will.
    #[must_use]
    pub fn passes_after(&self) -> Option<Duration> {
        match self.decision.outcome {
            Outcome::Allowed => Some(Duration::ZERO),
            Outcome::Denied { retry_after } => Some(retry_after),
            Outcome::Never => None,
        }
    }
}

// the key may be a secret
impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explanation")
            .field("policy", &self.policy())
            .field("cost", &self.cost)
            .field("decision", &self.decision)
            .finish_non_exhaustive()
    }
}
