//! A refusal as an error.

#[cfg(feature = "rate-limit")]
use std::any::Any;
use std::fmt;
#[cfg(feature = "rate-limit")]
use std::sync::Arc;
use std::time::Duration;

use super::decision::Decision;
use super::decisions::Decisions;
use super::limiter::Limiter;
use super::reason::Reason;

/// A call that a limit refused: by which policy, and when it would pass.
///
/// A function with [`#[rate_limited]`](macro@crate::rate_limited) makes its error of one, and a layer gives one to
/// [`respond`](crate::middleware::rate_limit::RateLimitLayer::respond). Who asks a limiter makes one of what it
/// decided:
///
/// ```
/// use tower_redis::limit::{Limiter, RateLimited};
///
/// async fn login(user: &str, attempts: &Limiter) -> Result<(), RateLimited> {
///     let decision = attempts.check(user).await;
///     if !decision.is_allowed() {
///         return Err(RateLimited::new(attempts, decision));
///     }
///     // ..
///     Ok(())
/// }
/// ```
///
/// It prints as one plain sentence, without the key. With the feature `rate-limit` it can be answered over HTTP, with
/// `axum` it is `IntoResponse`.
#[derive(Clone)]
pub struct RateLimited {
    limiter: Limiter,
    decision: Decision,
    /// Where others decided with it.
    decisions: Option<Box<Decisions>>,
    /// How it is said over HTTP, which nobody here knows.
    #[cfg(feature = "rate-limit")]
    manner: Option<Arc<dyn Any + Send + Sync>>,
}

impl RateLimited {
    /// A refusal by `limiter`, for the reason of `decision`.
    #[must_use]
    pub fn new(limiter: &Limiter, decision: Decision) -> Self {
        Self {
            limiter: limiter.clone(),
            decision,
            decisions: None,
            #[cfg(feature = "rate-limit")]
            manner: None,
        }
    }

    /// The refusal by a [set](super::LimiterSet), if it is one: by all that refused, and of the one that refuses
    /// longest in what else it tells.
    #[must_use]
    pub fn of(decisions: &Decisions) -> Option<Self> {
        let (limiter, decision) = decisions.refusal()?;
        Some(Self {
            decisions: Some(Box::new(decisions.clone())),
            ..Self::new(limiter, decision)
        })
    }

    /// The names of all policies that refused: of one, unless a set was asked.
    pub fn policies(&self) -> impl Iterator<Item = &str> {
        let several = self.decisions.iter().flat_map(|all| all.refusals());
        let several = several.map(|(limiter, _)| limiter.name());
        let one = self.decisions.is_none().then(|| self.policy());
        several.chain(one)
    }

    /// What each policy of a set decided; nothing where one was asked alone.
    #[must_use]
    pub fn decisions(&self) -> Option<&Decisions> {
        self.decisions.as_deref()
    }

    /// The name of the policy that refused, of several the one that refuses longest.
    #[must_use]
    pub fn policy(&self) -> &str {
        self.limiter.name()
    }

    /// The most that can be used at once: the permits of a period, or the burst of a quota that has one.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.decision.limit
    }

    /// How long to wait before the same call passes, if nothing else is admitted before; `None` when it never will.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.decision.retry_after()
    }

    /// The reason.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.decision
    }

    pub(crate) fn reason(&self) -> Reason {
        Reason::of(&self.decision, self.limiter.is_of_held_permits())
    }
}

#[cfg(feature = "rate-limit")]
impl RateLimited {
    /// The same, said over HTTP as `manner` has it.
    pub(crate) fn said_as<M: Any + Send + Sync>(self, manner: M) -> Self {
        Self {
            manner: Some(Arc::new(manner)),
            ..self
        }
    }

    /// How it is said over HTTP, if somebody chose.
    pub(crate) fn manner<M: Any>(&self) -> Option<&M> {
        self.manner.as_ref()?.downcast_ref()
    }

    pub(crate) fn limiter(&self) -> &Limiter {
        &self.limiter
    }
}

impl fmt::Debug for RateLimited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimited")
            .field("policy", &self.policy())
            .field("decision", &self.decision)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for RateLimited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason().text())
    }
}

impl std::error::Error for RateLimited {}
