//! Waiting for a permit instead of being refused one.

use std::pin::pin;
use std::time::Duration;

use crate::key::CacheKey;
use crate::timers::{at_most, sleep};

use super::acts::owned;
use super::decision::{Decision, Outcome};
use super::limiter::Limiter;

impl Limiter {
    /// As [`check`](Self::check), but waits for up to `longest` until it passes. It is refused at once if it
    /// would have to wait for longer, and charged when it passes: one that is refused took nothing.
    ///
    /// Those who wait for one key in this process pass in the order in which they came, whatever they cost; a plain
    /// `check` stands in no line. How long it takes until those who came first have passed is reckoned from the
    /// quota: it may turn out to be shorter, when one of them leaves.
    ///
    /// Outside a Tokio runtime, and in one without timers, nothing tells the time: there it does not wait.
    ///
    /// # Cancellation
    ///
    /// As with [`check`](Self::check), for the check it is at. While it waits nothing is charged, and dropped it
    /// leaves the line.
    pub async fn wait<Q: CacheKey + ?Sized>(&self, key: &Q, longest: Duration) -> Decision {
        self.wait_n(key, 1, longest).await
    }

    /// The same for something that takes `cost` permits at once.
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
        let (bytes, member) = (owned(key), self.member());
        let price = member.price(cost.into());
        if price > self.limit() {
            return self.check_n(key, cost).await;
        }
        let (place, ahead) = member.lines.stand(&bytes, price);
        let mut left = longest;
        if ahead > 0 {
            let began = member.now();
            let passes_after = self.passes_after(&bytes, ahead.saturating_add(price)).await;
            if passes_after > longest {
                return self.kept_waiting(&bytes, passes_after).await;
            }
            if at_most(longest, pin!(place.turn())).await.is_none() {
                let permits = place.ahead().saturating_add(price);
                let passes_after = self.passes_after(&bytes, permits).await;
                return self.kept_waiting(&bytes, passes_after).await;
            }
            left -= Duration::from_micros(member.now().saturating_sub(began)).min(left);
        }
        loop {
            let decision = self.check_n(key, cost).await;
            let Some(pause) = decision.retry_after().filter(|pause| *pause <= left) else {
                return decision;
            };
            let Some(sleep) = sleep(pause) else {
                return decision;
            };
            left -= pause;
            sleep.await;
        }
    }

    /// How long it takes until so many permits have been given out, one limit after the other.
    async fn passes_after(&self, key: &[u8], permits: u64) -> Duration {
        let limit = self.limit().max(1);
        let (rounds, rest) = ((permits - 1) / limit, (permits - 1) % limit + 1);
        let first = self.look(key, rest).await.retry_after().unwrap_or_default();
        let rounds = u32::try_from(rounds).unwrap_or(u32::MAX);
        first.saturating_add(self.window().saturating_mul(rounds))
    }

    /// The refusal of one whose turn does not come in time.
    async fn kept_waiting(&self, key: &[u8], retry_after: Duration) -> Decision {
        let outcome = Outcome::Denied { retry_after };
        let decision = Decision {
            outcome,
            ..self.look(key, 0).await
        };
        self.member().count_refusal(key, &decision);
        self.member().learn(key, &decision);
        decision
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

    /// Those who came first pass first, also when somebody who wants less comes later.
    #[tokio::test(start_paused = true)]
    async fn who_came_first_passes_first() {
        let clock = ManualClock::new();
        let policy = Policy::new("p", Quota::new(2, SECOND));
        let limiter = Limiter::new(&policy, clock.clock()).unwrap();
        assert!(limiter.check_n("ada", 2).await.is_allowed());
        let mut dear = Box::pin(limiter.wait_n("ada", 2, 9 * SECOND));
        assert!(dear.as_mut().now_or_never().is_none());
        let mut cheap = Box::pin(limiter.wait("ada", 9 * SECOND));
        assert!(cheap.as_mut().now_or_never().is_none());
        let mut leaves = Box::pin(limiter.wait("ada", 9 * SECOND));
        assert!(leaves.as_mut().now_or_never().is_none());
        let mut last = Box::pin(limiter.wait("ada", 9 * SECOND));
        assert!(last.as_mut().now_or_never().is_none());
        // what has to wait for too long behind them is refused at once, and counted
        let refused = limiter.wait_n("ada", 2, 2 * SECOND).now_or_never().unwrap();
        assert_eq!(refused.retry_after(), Some(4 * SECOND));
        assert_eq!(limiter.stats().denied, 2);
        // another key has a line of its own
        assert!(limiter.wait("grace", SECOND).now_or_never().is_some());

        clock.advance(SECOND);
        // the permits are there, and not for who came later
        assert!(cheap.as_mut().now_or_never().is_none());
        assert!(dear.await.is_allowed());
        assert!(cheap.as_mut().now_or_never().is_none());
        drop(leaves);
        clock.advance(SECOND);
        assert!(cheap.await.is_allowed());
        assert!(last.await.is_allowed());
        assert_eq!(limiter.peek("ada").await.remaining, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn who_waited_in_line_for_long_enough_is_refused() {
        let clock = ManualClock::new();
        let limiter = one_a_second(clock.clock());
        assert!(limiter.check("ada").await.is_allowed());
        let mut first = Box::pin(limiter.wait("ada", 9 * SECOND));
        assert!(first.as_mut().now_or_never().is_none());
        // nobody polls the first one any more
        let second = async {
            let second = limiter.wait("ada", 2 * SECOND).await;
            // as it is told then
            assert_eq!(second.retry_after(), Some(2 * SECOND - SECOND / 2));
        };
        let passes = async {
            tokio::time::sleep(SECOND).await;
            clock.advance(SECOND / 2);
        };
        tokio::join!(second, passes);
        drop(first);
        clock.advance(SECOND);
        assert!(limiter.wait("ada", SECOND).await.is_allowed());
    }

    #[test]
    fn where_nothing_tells_the_time_nobody_waits() {
        let clock = ManualClock::new();
        let limiter = one_a_second(clock.clock());
        assert!(pollster::block_on(limiter.check("ada")).is_allowed());
        let refused = pollster::block_on(limiter.wait("ada", 9 * SECOND));
        assert_eq!(refused.retry_after(), Some(SECOND));
    }
}
