//! The token bucket: what was taken comes back in steps.
//!
//! A bucket holds `burst` tokens, or the permits of a period if the quota has no burst. At the end of each
//! period the permits of one are put back at once. Periods of a key begin with the first token taken from
//! its full bucket, not with the clock, so that the buckets of different clients are not filled at the same
//! instant. [`Gcra`](super::gcra) puts them back one by one instead.
//!
//! Bound: at most burst + N permits in any period, since one of any length P sees one step.

use crate::error::Error;
use crate::limit::quota::{EXACT, Quota};

#[cfg(feature = "redis")]
use crate::limit::contract::Terms;
use crate::limit::contract::{Judgement, Rule, Standing, Tick};

/// Lets a burst through, and N more after each period.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokenBucket {
    burst: u64,
    permits: u64,
    period: Tick,
}

/// What is missing from a bucket, and when a step last put something back. It is full, whenever that was,
/// when nothing is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Bucket {
    missing: u64,
    step: Tick,
}

impl TokenBucket {
    pub(crate) fn new(quota: &Quota) -> Result<Self, Error> {
        let (permits, period) = (quota.permits(), quota.ticks()?);
        let burst = quota.given_burst().unwrap_or(permits);
        let rule = Self {
            burst,
            permits,
            period,
        };
        let full = burst.div_ceil(permits).checked_mul(period);
        if full.is_none_or(|full| full > EXACT / 2) {
            return Err(Error::config(format!(
                "a burst of {burst} in a quota of {permits} in {period:?} takes longer than 142 years to \
                 come back; expected a burst of at most {fits}, or more permits in a period",
                period = quota.period(),
                fits = (EXACT / 2 / period).saturating_mul(permits),
            )));
        }
        Ok(rule)
    }

    /// The bucket as the steps up to `now` have left it.
    #[inline]
    fn current(&self, bucket: Bucket, now: Tick) -> Bucket {
        // most calls come within a period, and need no division
        let since = now.saturating_sub(bucket.step);
        let steps = if since < self.period {
            0
        } else {
            since / self.period
        };
        let missing = bucket
            .missing
            .saturating_sub(steps.saturating_mul(self.permits));
        if missing == 0 {
            return Bucket {
                missing: 0,
                step: now,
            };
        }
        Bucket {
            missing,
            step: bucket.step + steps * self.period,
        }
    }

    /// When the steps to come have put `tokens` of what is missing back.
    #[inline]
    fn back_at(&self, bucket: Bucket, tokens: u64) -> Tick {
        let steps = tokens.div_ceil(self.permits);
        bucket
            .step
            .saturating_add(steps.saturating_mul(self.period))
    }
}

impl Rule for TokenBucket {
    type State = Bucket;
    type Seen = Bucket;

    #[inline(always)]
    fn judge(&self, state: &mut Bucket, now: Tick, cost: u64) -> Judgement<Bucket> {
        state.step = state.step.min(now);
        let mut bucket = self.current(*state, now);
        if cost > self.burst {
            return Judgement::never(bucket, now);
        }
        let left = self.burst - bucket.missing;
        if cost > left {
            let passes_at = self.back_at(bucket, cost - left);
            return Judgement::denied(bucket, now, passes_at);
        }
        bucket.missing += cost;
        if cost > 0 {
            *state = bucket;
        }
        Judgement::allowed(bucket, now)
    }

    #[inline(always)]
    fn standing(&self, bucket: Bucket, _: Tick) -> Standing {
        Standing {
            limit: self.burst,
            remaining: self.burst - bucket.missing,
            more_at: self.back_at(bucket, bucket.missing.min(1)),
            reset_at: self.back_at(bucket, bucket.missing),
        }
    }

    fn refund(&self, state: &mut Bucket, now: Tick, charged: Tick, cost: u64) -> u64 {
        state.step = state.step.min(now);
        let bucket = self.current(*state, now);
        // what a step has put back since is there already
        let steps = bucket.step.saturating_sub(charged).div_ceil(self.period);
        let back = cost
            .saturating_sub(steps.saturating_mul(self.permits))
            .min(bucket.missing);
        if back > 0 {
            *state = Bucket {
                missing: bucket.missing - back,
                ..bucket
            };
        }
        back
    }

    fn at_rest(&self, state: &Bucket, now: Tick) -> bool {
        self.current(*state, now).missing == 0
    }

    fn limit(&self) -> u64 {
        self.burst
    }

    fn window(&self) -> Tick {
        self.burst.div_ceil(self.permits) * self.period
    }

    #[cfg(feature = "redis")]
    fn terms(&self) -> Terms {
        Terms {
            rule: "t",
            numbers: [self.burst, self.permits, self.period],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn ten_million_a_second_and_one_a_year_are_exact() {
        let rule = TokenBucket::new(&Quota::per_second(10_000_000).burst(15_000_000)).unwrap();
        let mut state = Bucket::default();
        assert!(rule.decide(&mut state, 7, 15_000_000).is_allowed());
        assert!(!rule.decide(&mut state, 1_000_006, 1).is_allowed());
        assert_eq!(rule.decide(&mut state, 1_000_007, 1).remaining, 9_999_999);
        let year = Duration::from_secs(365 * 86_400);
        let rule = TokenBucket::new(&Quota::new(1, year).burst(3)).unwrap();
        let mut state = Bucket::default();
        assert_eq!(rule.decide(&mut state, 5, 3).reset_after, 3 * year);
        assert_eq!(rule.decide(&mut state, 5, 2).retry_after(), Some(2 * year));
    }

    #[test]
    fn a_bucket_that_fills_for_longer_than_instants_last_does_not_build() {
        let year = Duration::from_secs(365 * 86_400);
        let quota = Quota::new(2, year);
        let refusal = TokenBucket::new(&quota.burst(1_000)).unwrap_err();
        assert!(
            refusal
                .to_string()
                .contains("expected a burst of at most 284"),
            "{refusal}"
        );
        assert!(TokenBucket::new(&quota.burst(284)).is_ok());
        assert!(TokenBucket::new(&quota.burst(285)).is_err());
    }
}
