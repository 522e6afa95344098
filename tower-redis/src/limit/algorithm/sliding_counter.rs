//! The sliding counter: the window before counts for the part of it that is still within a period.
//!
//! Two counters a key. At the instant `e` after a window began, what was admitted in it counts whole and
//! what was admitted in the one before counts for (P - e)/P of itself, rounded up. Windows of a key begin
//! with its first call, not with the clock.
//!
//! The part is counted in steps of a whole number of microseconds that divides the period: of one, unless
//! permits times microseconds are more than a script in Redis can count. A permit comes back at most one
//! step late, and never early.
//!
//! Bound: at most N permits in each window, and fewer than 2N in any period; N where calls come evenly.

use crate::error::Error;
use crate::limit::quota::{EXACT, Quota};

#[cfg(feature = "redis")]
use crate::limit::contract::Terms;
use crate::limit::contract::{Judgement, Rule, Standing, Tick};

/// Lengths of a step that are tried before a quota is refused. Periods that people write are divided by
/// one of the first few.
const TRIED: u64 = 1 << 16;

/// Counts the window before by how much of it is within the last period.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SlidingCounter {
    permits: u64,
    period: Tick,
    step: Tick,
    /// Steps in a period.
    steps: u64,
}

/// Two windows of one key. Nothing counts, whenever it began, when both are empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Windows {
    start: Tick,
    before: u64,
    used: u64,
}

impl SlidingCounter {
    pub(crate) fn new(quota: &Quota) -> Result<Self, Error> {
        let (permits, period) = (quota.permits(), quota.ticks()?);
        // the fewest steps that do not count further than is exact
        let least = u128::from(permits) * u128::from(period);
        let least = u64::try_from(least.div_ceil(u128::from(EXACT))).unwrap_or(u64::MAX);
        let step = (least..least.saturating_add(TRIED).min(period.saturating_add(1)))
            .find(|step| period.is_multiple_of(*step));
        let Some(step) = step else {
            return Err(Error::config(format!(
                "a quota of {permits} in {period:?} cannot be counted exactly by a sliding counter: it takes \
                 {permits} x {ticks} steps; expected at most 2^53, or a period that is divided by a number of \
                 microseconds from {least} on, as one of whole seconds mostly is",
                period = quota.period(),
                ticks = period,
            )));
        };
        Ok(Self {
            permits,
            period,
            step,
            steps: period / step,
        })
    }

    /// The windows as `now` finds them.
    #[inline]
    fn current(&self, windows: Windows, now: Tick) -> Windows {
        let since = now.saturating_sub(windows.start);
        if since < self.period {
            if windows.used > 0 || windows.before > 0 {
                return windows;
            }
        } else if since - self.period < self.period && windows.used > 0 {
            return Windows {
                start: windows.start + self.period,
                before: windows.used,
                used: 0,
            };
        }
        Windows {
            start: now,
            before: 0,
            used: 0,
        }
    }

    /// What counts of the window before, at `now`.
    #[inline]
    fn weighed(&self, windows: Windows, now: Tick) -> u64 {
        if windows.before == 0 {
            return 0;
        }
        let left = self.period - now.saturating_sub(windows.start);
        let left = left.div_ceil(self.step);
        (windows.before * left).div_ceil(self.steps)
    }

    #[inline]
    fn counted(&self, windows: Windows, now: Tick) -> u64 {
        // they can be more at an instant before one at which a call was admitted
        (windows.used + self.weighed(windows, now)).min(self.permits)
    }

    /// When a window of `before` permits, the next one of which began at `start`, counts for at most `most`.
    #[inline]
    fn fades_to(&self, start: Tick, before: u64, most: u64) -> Tick {
        if most >= before {
            return start;
        }
        let left = most * self.steps / before;
        start.saturating_add(self.period - left * self.step)
    }

    /// The first instant at which no more than `most` count, which is fewer than do at `now`.
    #[inline]
    fn falls_to(&self, windows: Windows, most: u64) -> Tick {
        if let Some(most) = most.checked_sub(windows.used) {
            return self.fades_to(windows.start, windows.before, most);
        }
        let next = windows.start.saturating_add(self.period);
        self.fades_to(next, windows.used, most)
    }
}

impl Rule for SlidingCounter {
    type State = Windows;
    type Seen = Windows;

    #[inline(always)]
    fn judge(&self, state: &mut Windows, now: Tick, cost: u64) -> Judgement<Windows> {
        state.start = state.start.min(now);
        let mut windows = self.current(*state, now);
        if cost > self.permits {
            return Judgement::never(windows, now);
        }
        if cost > self.permits - self.counted(windows, now) {
            let passes_at = self.falls_to(windows, self.permits - cost);
            return Judgement::denied(windows, now, passes_at);
        }
        windows.used += cost;
        if cost > 0 {
            *state = windows;
        }
        Judgement::allowed(windows, now)
    }

    #[inline(always)]
    fn standing(&self, windows: Windows, now: Tick) -> Standing {
        let counted = self.counted(windows, now);
        let (more_at, reset_at) = match counted {
            0 => (now, now),
            counted => (
                self.falls_to(windows, counted - 1),
                self.falls_to(windows, 0),
            ),
        };
        Standing {
            limit: self.permits,
            remaining: self.permits - counted,
            more_at,
            reset_at,
        }
    }

    fn refund(&self, state: &mut Windows, now: Tick, charged: Tick, cost: u64) -> u64 {
        state.start = state.start.min(now);
        let mut windows = self.current(*state, now);
        let mut back = 0;
        if charged >= windows.start {
            back = cost.min(windows.used);
        } else if windows.start - charged > self.period {
            return 0;
        }
        // what is older than what was charged fades sooner: to take that is never over
        let older = (cost - back).min(windows.before);
        windows.used -= back;
        windows.before -= older;
        if back + older > 0 {
            *state = windows;
        }
        back + older
    }

    fn at_rest(&self, state: &Windows, now: Tick) -> bool {
        self.counted(self.current(*state, now), now) == 0
    }

    fn limit(&self) -> u64 {
        self.permits
    }

    fn window(&self) -> Tick {
        2 * self.period
    }

    #[cfg(feature = "redis")]
    fn terms(&self) -> Terms {
        Terms {
            rule: "w",
            numbers: [self.permits, self.period, self.step],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_window_before_counts_for_what_is_left_of_it() {
        let rule = SlidingCounter::new(&Quota::new(10, Duration::from_micros(100))).unwrap();
        let mut state = Windows::default();
        assert!(rule.decide(&mut state, 0, 10).is_allowed());
        let refused = rule.decide(&mut state, 50, 1);
        assert_eq!(refused.retry_after(), Some(Duration::from_micros(60)));
        assert_eq!(rule.decide(&mut state, 125, 2).remaining, 0);
        assert_eq!(rule.decide(&mut state, 150, 3).remaining, 0);
        assert_eq!(rule.decide(&mut state, 199, 4).remaining, 0);
        assert_eq!(rule.decide(&mut state, 200, 0).remaining, 1);
    }

    #[test]
    fn a_step_is_one_microsecond_where_that_is_exact() {
        let step = |quota: Quota| SlidingCounter::new(&quota).map(|rule| rule.step).ok();
        assert_eq!(step(Quota::per_second(10_000_000)), Some(1));
        assert_eq!(
            step(Quota::new(1, Duration::from_secs(365 * 86_400))),
            Some(1)
        );
        assert_eq!(step(Quota::per_hour(1_000_000)), Some(1));
        assert_eq!(step(Quota::per_day(1_000_000)), Some(10));
        assert_eq!(step(Quota::per_day(1_000_000_000)), Some(9_600));
        // a prime, and more permits than it can be counted in one step of
        let prime = Duration::from_micros(1_000_000_007);
        assert_eq!(step(Quota::new(1_000, prime)), Some(1));
        let refusal = SlidingCounter::new(&Quota::new(1_000_000_000, prime)).unwrap_err();
        assert!(refusal.to_string().contains("from 112 on"), "{refusal}");
    }
}
