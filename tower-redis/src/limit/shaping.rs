//! Waiting for a permit instead of being refused one.

use std::time::Duration;

use crate::key::CacheKey;

use super::decision::Decision;
use super::limiter::Limiter;

impl Limiter {
    /// As [`check`](Self::check), but waits for up to `longest` until it passes. It is refused at once if it
    /// would have to wait for longer, and charged when it passes: one that is refused took nothing.
    ///
    /// Those who wait for one key pass as the quota lets them, in no order.
    ///
    /// # Panics
    ///
    /// When it has to wait outside a Tokio runtime, or in one without time: nothing tells the time there.
    ///
    /// # Cancellation
    ///
    /// As with [`check`](Self::check), for the check it is at. While it waits nothing is charged.
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
        let mut left = longest;
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
}
