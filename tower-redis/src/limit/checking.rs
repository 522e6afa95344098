//! The future of a check.
//!
//! Written out, since a check in this process takes less time than the states of two nested `async` blocks that lead
//! to it take to be copied.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::key::{CacheKey, KeyWriter};

#[cfg(feature = "redis")]
use super::asked::Asking;
#[cfg(feature = "redis")]
use super::asking;
use super::decision::Decision;
use super::member::Member;

/// Decides when it is first polled, or begins to.
#[must_use = "a check that is not awaited decides nothing"]
pub(super) struct Check<'a, Q: ?Sized> {
    /// What is asked, until it is.
    asks: Option<(&'a Arc<Member>, &'a Q)>,
    cost: u32,
    #[cfg(feature = "redis")]
    asking: Option<Asking>,
}

impl<'a, Q: ?Sized> Check<'a, Q> {
    #[inline]
    pub(super) fn new(member: &'a Arc<Member>, key: &'a Q, cost: u32) -> Self {
        Self {
            asks: Some((member, key)),
            cost,
            #[cfg(feature = "redis")]
            asking: None,
        }
    }
}

impl<Q: CacheKey + ?Sized> Future for Check<'_, Q> {
    type Output = Decision;

    /// Most checks are of a text in this process: those are decided without the paths that other keys take.
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Decision> {
        let Some((member, key)) = self.asks.take() else {
            return self.wait(cx);
        };
        if !member.is_shared()
            && let Some(text) = key.ready().text()
        {
            return decide(member, text, self.cost);
        }
        self.begin(member, key, cx)
    }
}

impl<Q: CacheKey + ?Sized> Check<'_, Q> {
    #[inline(never)]
    fn begin(&mut self, member: &Arc<Member>, key: &Q, cx: &mut Context<'_>) -> Poll<Decision> {
        let cost = self.cost;
        #[cfg(feature = "redis")]
        if let Some(far) = &member.far {
            let begun = KeyWriter::lend(key, |key| asking::begin(member, far, key, cost));
            self.asking = Some(begun);
            return self.wait(cx);
        }
        let _ = cx;
        KeyWriter::lend(key, |key| decide(member, key, cost))
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

/// Decides by the counts of this process. A decision is several words, so it is made where it will lie.
#[inline(never)]
fn decide(member: &Member, key: &[u8], cost: u32) -> Poll<Decision> {
    member.decide_then(key, member.price(cost.into()), Poll::Ready)
}

// the key may be a secret
impl<Q: ?Sized> fmt::Debug for Check<'_, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check").finish_non_exhaustive()
    }
}
