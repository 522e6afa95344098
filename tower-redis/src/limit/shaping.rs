//! Waiting for a permit instead of being refused one.

use std::time::Duration;

use crate::key::CacheKey;

use super::acts::owned;
use super::decision::{Decision, Outcome};
use super::limiter::Limiter;

impl Limiter {
    /// As [`check`](Self::check), but waits for up to `longest` until it passes. It is refused at once if it
    /// would have to wait for longer, and charged when it passes: one that is refused took nothing.
    ///
    /// Those who wait for one key in this process pass in the order in which they came: a later one that takes less, or
    /// may wait for longer, goes behind those that were there before. A [`check`](Self::check) stands in no line.
    ///
    /// # Panics
    ///
    /// When it has to wait outside a Tokio runtime, or in one without time: nothing tells the time there.
    ///
    /// # Cancellation
    ///
    /// As with [`check`](Self::check), for the check it is at. While it waits nothing is charged, and dropped it leaves
    /// its place to the next.
    pub async fn wait<Q: CacheKey + ?Sized>(&self, key: &Q, longest: Duration) -> Decision {
        self.wait_n(key, 1, longest).await
    }

    /// The same for something that takes `cost` permits at once.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
    ///
    /// # Cancellation
    ///
    /// As with [`wait`](Self::wait).
    pub async fn wait_n<Q: CacheKey + ?Sized>(
        &self,
        key: &Q,
        cost: u32,
        longest: Duration,
    ) -> Decision {
        let line = owned(key);
        let place = self.member().lines.enter(&line);
        let mut left = longest;
        let _turn = match place.now() {
            Some(turn) => turn,
            None => {
                let came = self.member().now();
                let look = self.peek_n(key, cost).await;
                if !could_pass(&look, longest) {
                    return look;
                }
                match tokio::time::timeout(longest, place.turn()).await {
                    Ok(turn) => {
                        let waited = self.member().now().saturating_sub(came);
                        left = left.saturating_sub(Duration::from_micros(waited));
                        turn
                    }
                    Err(_) => return behind(self.peek_n(key, cost).await),
                }
            }
        };
        loop {
            let decision = self.check_n(key, cost).await;
            let Some(pause) = decision.retry_after().filter(|pause| *pause <= left) else {
                return decision;
            };
            left -= pause;
            tokio::time::sleep(pause).await;
        }
    }
}

/// Whether a call that is seen so may pass within `longest`.
fn could_pass(look: &Decision, longest: Duration) -> bool {
    match look.outcome {
        Outcome::Allowed => true,
        Outcome::Denied { retry_after } => retry_after <= longest,
        Outcome::Never => false,
    }
}

/// The refusal of one that is still behind others: what is there is theirs.
fn behind(look: Decision) -> Decision {
    let outcome = match look.outcome {
        Outcome::Allowed => Outcome::Denied {
            retry_after: look.more_after,
        },
        denied @ (Outcome::Denied { .. } | Outcome::Never) => denied,
    };
    Decision { outcome, ..look }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::clock::{Clock, ManualClock};
    use crate::limit::policy::Policy;
    use crate::limit::quota::Quota;

    const SECOND: Duration = Duration::from_secs(1);

    fn one_a_second(clock: Clock) -> Limiter {
        let policy = Policy::new("p", Quota::per_second(1));
        Limiter::new(&policy, clock).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn what_would_wait_for_too_long_is_refused_at_once() {
        let clock = ManualClock::new();
        let limiter = one_a_second(clock.clock());
        assert!(limiter.wait("ada", Duration::ZERO).await.is_allowed());
        let refused = limiter.wait("ada", SECOND / 2).now_or_never().unwrap();
        assert_eq!(refused.retry_after(), Some(SECOND));
        let never = limiter.wait_n("ada", 2, 9 * SECOND).now_or_never();
        assert!(never.unwrap().is_never());
    }

    #[tokio::test(start_paused = true)]
    async fn it_passes_when_the_quota_lets_it() {
        let clock = ManualClock::new();
        let limiter = one_a_second(clock.clock());
        assert!(limiter.check("ada").await.is_allowed());
        let mut waiting = Box::pin(limiter.wait("ada", SECOND));
        assert!(waiting.as_mut().now_or_never().is_none());
        clock.advance(SECOND);
        assert!(waiting.await.is_allowed());
        assert_eq!(limiter.peek("ada").await.remaining, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn they_pass_in_the_order_in_which_they_came() {
        let clock = ManualClock::new();
        let policy = Policy::new("p", Quota::new(2, 2 * SECOND).burst(2));
        let limiter = Limiter::new(&policy, clock.clock()).unwrap();
        assert!(limiter.check_n("ada", 2).await.is_allowed());
        let mut both = Box::pin(limiter.wait_n("ada", 2, 5 * SECOND));
        assert!(both.as_mut().now_or_never().is_none());
        // one would pass a second earlier than two do, and goes behind them
        let mut left = Box::pin(limiter.wait("ada", 5 * SECOND));
        let mut one = Box::pin(limiter.wait("ada", 5 * SECOND));
        assert!(left.as_mut().now_or_never().is_none());
        assert!(one.as_mut().now_or_never().is_none());
        clock.advance(SECOND);
        tokio::time::advance(SECOND).await;
        assert!(left.as_mut().now_or_never().is_none());
        assert!(one.as_mut().now_or_never().is_none());
        // who leaves takes nothing, and gives its place to the next
        drop(left);
        clock.advance(SECOND);
        assert!(both.await.is_allowed());
        assert!(one.as_mut().now_or_never().is_none());
        clock.advance(SECOND);
        assert!(one.await.is_allowed());
        assert_eq!(limiter.stats().allowed, 3);
        assert!(limiter.member().lines.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_in_line_for_longer_than_it_may() {
        let clock = ManualClock::new();
        let limiter = one_a_second(clock.clock());
        assert!(limiter.check("ada").await.is_allowed());
        let mut first = Box::pin(limiter.wait("ada", 5 * SECOND));
        assert!(first.as_mut().now_or_never().is_none());
        // it would not even pass if it was alone
        let short = limiter.wait("ada", SECOND / 2).now_or_never();
        assert_eq!(short.unwrap().retry_after(), Some(SECOND));
        let mut second = Box::pin(limiter.wait("ada", SECOND));
        assert!(second.as_mut().now_or_never().is_none());
        let second = second.await;
        assert_eq!(second.retry_after(), Some(SECOND));
        assert!(limiter.wait("grace", Duration::ZERO).await.is_allowed());
        drop(first);
        assert!(limiter.member().lines.is_empty());
    }
}
