//! The future of a check.
//!
//! Written out, since a check in this process takes less time than the states of two nested `async` blocks that lead
//! to it take to be copied.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::key::CacheKey;

#[cfg(feature = "redis")]
use super::asked::Asking;
use super::decision::Decision;
use super::limiter::Limiter;

/// Decides when it is first polled, or begins to.
#[must_use = "a check that is not awaited decides nothing"]
pub(super) struct Check<'a, Q: ?Sized> {
    /// What is asked, until it is.
    asks: Option<(&'a Limiter, &'a Q)>,
    cost: u32,
    #[cfg(feature = "redis")]
    asking: Option<Asking>,
}

impl<'a, Q: ?Sized> Check<'a, Q> {
    #[inline]
    pub(super) fn new(limiter: &'a Limiter, key: &'a Q, cost: u32) -> Self {
        Self {
            asks: Some((limiter, key)),
            cost,
            #[cfg(feature = "redis")]
            asking: None,
        }
    }
}

impl<Q: CacheKey + ?Sized> Future for Check<'_, Q> {
    type Output = Decision;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Decision> {
        if let Some((limiter, key)) = self.asks.take() {
            #[cfg(feature = "redis")]
            if limiter.is_shared() {
                self.asking = limiter.begin(key, self.cost);
                return self.wait(cx);
            }
            return limiter.decide_here(key, self.cost);
        }
        self.wait(cx)
    }
}

impl<Q: ?Sized> Check<'_, Q> {
    /// Waits for Redis; for ever if the decision has been told.
    #[cold]
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<Decision> {
        #[cfg(feature = "redis")]
        if let Some(asking) = &mut self.asking {
            let decided = asking.as_mut().poll(cx);
            if decided.is_ready() {
                self.asking = None;
            }
            return decided;
        }
        let _ = cx;
        Poll::Pending
    }
}

// the key may be a secret
impl<Q: ?Sized> fmt::Debug for Check<'_, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check").finish_non_exhaustive()
    }
}
