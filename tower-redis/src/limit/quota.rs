//! How much, in how long.

use std::time::Duration;

use crate::error::Error;

/// Integers up to here are exact in a double, which is what a script in Redis counts with.
pub(crate) const EXACT: u64 = 1 << 53;

/// The largest integer of a Structured Field (RFC 9651, section 3.3.1), which is how a client is
/// told of it.
pub(crate) const LARGEST_COUNT: u64 = 999_999_999_999_999;

/// Half of what is exact, so that an instant and a period can be added.
pub(crate) const LONGEST_PERIOD: u64 = EXACT / 2;

/// A number of permits in each period, and how many of them may be used at once.
///
/// ```
/// use std::time::Duration;
/// use tower_redis::limit::Quota;
///
/// let strict = Quota::per_minute(5);                              // never more than 5 in any minute
/// let flowing = Quota::per_minute(60).burst(10);                  // one a second, 10 at once
/// let own = Quota::new(1_000, Duration::from_secs(15 * 60));      // 1,000 in a quarter of an hour
/// ```
///
/// Any quota can be written; one that cannot work is refused, with the reason, by what is built
/// from it ([`Toolkit::limiter`](crate::Toolkit::limiter)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
pub struct Quota {
    permits: u64,
    period: Duration,
    burst: Option<u64>,
}

impl Quota {
    /// `permits` in each `period`. A period is a whole number of microseconds, at most 142 years.
    pub const fn new(permits: u64, period: Duration) -> Self {
        Self {
            permits,
            period,
            burst: None,
        }
    }

    /// `permits` in each second.
    pub const fn per_second(permits: u64) -> Self {
        Self::new(permits, Duration::from_secs(1))
    }

    /// `permits` in each minute.
    pub const fn per_minute(permits: u64) -> Self {
        Self::new(permits, Duration::from_secs(60))
    }

    /// `permits` in each hour.
    pub const fn per_hour(permits: u64) -> Self {
        Self::new(permits, Duration::from_secs(3_600))
    }

    /// `permits` in each 24 hours. It is a period like any other and does not start at midnight.
    pub const fn per_day(permits: u64) -> Self {
        Self::new(permits, Duration::from_secs(86_400))
    }

    /// How many permits may be used at once, after which they come back one by one, evenly over the
    /// period. Chooses [`Algorithm::Gcra`](super::Algorithm::Gcra), the one that knows bursts.
    pub const fn burst(mut self, permits: u64) -> Self {
        self.burst = Some(permits);
        self
    }

    /// The permits of one period.
    #[must_use]
    pub const fn permits(&self) -> u64 {
        self.permits
    }

    /// The period.
    #[must_use]
    pub const fn period(&self) -> Duration {
        self.period
    }

    /// The burst, if one was given.
    #[must_use]
    pub const fn given_burst(&self) -> Option<u64> {
        self.burst
    }

    /// The period in microseconds, if this quota is one that can be counted exactly.
    pub(crate) fn ticks(&self) -> Result<u64, Error> {
        let refuse = |found: &str, expected: &str| {
            Err(Error::config(format!("{found}; expected {expected}")))
        };
        let counts = [
            (format!("a quota of {} permits", self.permits), self.permits),
            (
                format!("a burst of {}", self.burst.unwrap_or(1)),
                self.burst.unwrap_or(1),
            ),
        ];
        for (found, count) in counts {
            match count {
                0 => return refuse(&found, "at least 1, since with 0 nothing would ever pass"),
                1..=LARGEST_COUNT => {}
                _ => return refuse(&found, "at most 999,999,999,999,999"),
            }
        }
        let period = self.period;
        let found = format!("a quota of {} in {period:?}", self.permits);
        if !period.subsec_nanos().is_multiple_of(1_000) {
            return refuse(&found, "a period of whole microseconds");
        }
        match u64::try_from(period.as_micros()) {
            Ok(0) => refuse(&found, "a period of at least one microsecond"),
            Ok(ticks) if ticks <= LONGEST_PERIOD => Ok(ticks),
            Ok(_) | Err(_) => refuse(&found, "a period of at most 142 years"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(quota: Quota) -> String {
        quota.ticks().unwrap_err().to_string()
    }

    #[test]
    fn reads_as_english() {
        assert_eq!(Quota::per_second(5).ticks().unwrap(), 1_000_000);
        assert_eq!(Quota::per_minute(5).period(), Duration::from_secs(60));
        assert_eq!(Quota::per_hour(5).period(), Duration::from_secs(3_600));
        assert_eq!(Quota::per_day(5).burst(2).given_burst(), Some(2));
    }

    #[test]
    fn an_impossible_quota_says_what_is_wrong() {
        let says = [
            (
                Quota::per_second(0),
                "a quota of 0 permits; expected at least 1",
            ),
            (
                Quota::per_second(1).burst(0),
                "a burst of 0; expected at least 1",
            ),
            (
                Quota::per_second(u64::MAX),
                "expected at most 999,999,999,999,999",
            ),
            (
                Quota::new(3, Duration::ZERO),
                "a quota of 3 in 0ns; expected a period of at least",
            ),
            (
                Quota::new(3, Duration::from_nanos(1_500)),
                "3 in 1.5µs; expected a period of whole",
            ),
            (
                Quota::new(3, Duration::MAX),
                "a period of whole microseconds",
            ),
            (
                Quota::new(3, Duration::from_secs(u64::MAX)),
                "expected a period of at most 142 years",
            ),
        ];
        for (quota, said) in says {
            let refusal = refusal(quota);
            assert!(refusal.contains(said), "{refusal}");
        }
    }

    #[test]
    fn one_a_century_and_the_largest_count_are_fine() {
        let century = Duration::from_secs(100 * 366 * 86_400);
        assert!(Quota::new(1, century).ticks().is_ok());
        assert!(Quota::per_second(LARGEST_COUNT).ticks().is_ok());
    }
}
