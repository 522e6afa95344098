//! The generic cell rate algorithm (ITU-T I.371, annex A), in credits instead of arrival times.
//!
//! With N permits in P microseconds, both divided by what divides both, a permit costs P credits and
//! N credits are paid back each microsecond. Both are integers, so no rate is rounded: neither one a
//! year nor ten million a second.
//!
//! Bound: at most burst + N permits in any P.

use crate::error::Error;
use crate::limit::quota::{EXACT, Quota};

#[cfg(feature = "redis")]
use crate::limit::contract::Terms;
use crate::limit::contract::{Judgement, Rule, Standing, Tick};

/// Lets a burst through at once and then an even flow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gcra {
    burst: u64,
    /// Credits a permit costs.
    price: u64,
    /// Credits paid back each tick.
    payback: u64,
    /// The credits of a whole burst.
    ceiling: u64,
}

/// What a key owes, and since when it has been paying back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Debt {
    credits: u64,
    at: Tick,
}

impl Gcra {
    pub(crate) fn new(quota: &Quota) -> Result<Self, Error> {
        let (permits, ticks) = (quota.permits(), quota.ticks()?);
        let common = greatest_common_divisor(permits, ticks);
        let (payback, price) = (permits / common, ticks / common);
        let burst = quota.given_burst().unwrap_or(permits);
        let ceiling = burst.checked_mul(price).filter(|credits| *credits <= EXACT);
        let Some(ceiling) = ceiling else {
            return Err(Error::config(format!(
                "a burst of {burst} in a quota of {permits} in {period:?} cannot be counted exactly: \
                 it takes {burst} x {price} steps; expected at most 2^53 (a burst of {fits}), \
                 a shorter period, or permits and microseconds with a larger common divisor",
                period = quota.period(),
                fits = EXACT / price,
            )));
        };
        Ok(Self {
            burst,
            price,
            payback,
            ceiling,
        })
    }

    /// What is owed at `now`.
    #[inline]
    fn owed(&self, state: Debt, now: Tick) -> u64 {
        let paid = now.saturating_sub(state.at).saturating_mul(self.payback);
        state.credits.saturating_sub(paid)
    }

    /// The first instant at which `credits` of what is owed at `now` are paid back.
    #[inline]
    fn paid_back(&self, credits: u64, now: Tick) -> Tick {
        let wait = match self.payback {
            // as most quotas have it: without a division
            1 => credits,
            payback => credits.div_ceil(payback),
        };
        now.saturating_add(wait)
    }
}

impl Rule for Gcra {
    type State = Debt;
    type Seen = u64;

    #[inline(always)]
    fn judge(&self, state: &mut Debt, now: Tick, cost: u64) -> Judgement<u64> {
        let owed = self.owed(*state, now);
        state.at = state.at.min(now);
        if cost > self.burst {
            return Judgement::never(owed, now);
        }
        let price = cost * self.price;
        if price > self.ceiling - owed {
            let passes_at = self.paid_back(owed - (self.ceiling - price), now);
            return Judgement::denied(owed, now, passes_at);
        }
        let owed = owed + price;
        if cost > 0 {
            *state = Debt {
                credits: owed,
                at: now,
            };
        }
        Judgement::allowed(owed, now)
    }

    #[inline(always)]
    fn standing(&self, owed: u64, now: Tick) -> Standing {
        let left = self.ceiling - owed;
        let remaining = quotient(left, self.price);
        let more_at = if remaining == self.burst {
            now
        } else {
            self.paid_back((remaining + 1) * self.price - left, now)
        };
        Standing {
            limit: self.burst,
            remaining,
            more_at,
            reset_at: self.paid_back(owed, now),
        }
    }

    fn refund(&self, state: &mut Debt, now: Tick, charged: Tick, cost: u64) -> u64 {
        let owed = self.owed(*state, now);
        state.at = state.at.min(now);
        // what has been paid back since is there already
        let paid = now.saturating_sub(charged).saturating_mul(self.payback);
        let credits = (cost.min(self.burst) * self.price)
            .saturating_sub(paid)
            .min(owed);
        if credits > 0 {
            *state = match owed - credits {
                0 => Debt::default(),
                credits => Debt { credits, at: now },
            };
        }
        credits.div_ceil(self.price)
    }

    fn at_rest(&self, state: &Debt, now: Tick) -> bool {
        self.owed(*state, now) == 0
    }

    fn limit(&self) -> u64 {
        self.burst
    }

    fn window(&self) -> Tick {
        self.ceiling.div_ceil(self.payback)
    }

    #[cfg(feature = "redis")]
    fn terms(&self) -> Terms {
        Terms {
            rule: "g",
            numbers: [self.burst, self.price, self.payback],
        }
    }
}

/// `a / b`. Each check takes one: on many processors a division of 64 bits takes several times as long
/// as one of 32, which is enough for most quotas.
#[inline]
fn quotient(a: u64, b: u64) -> u64 {
    match (u32::try_from(a), u32::try_from(b)) {
        (Ok(a), Ok(b)) => u64::from(a / b),
        (_, _) => a / b,
    }
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn ten_million_a_second_is_exact() {
        let rule = Gcra::new(&Quota::per_second(10_000_000).burst(10)).unwrap();
        let mut state = Debt::default();
        let mut admitted = 0;
        for now in 0..1_000 {
            for _ in 0..100 {
                admitted += u64::from(rule.decide(&mut state, now, 1).is_allowed());
            }
        }
        assert_eq!(admitted, 10 + 999 * 10);
    }

    #[test]
    fn three_a_second_never_drifts() {
        let rule = Gcra::new(&Quota::per_second(3).burst(2)).unwrap();
        let mut state = Debt::default();
        let (mut now, mut admitted) = (0, 0_u64);
        while now <= 1_000_000_000 {
            match rule.decide(&mut state, now, 1).retry_after() {
                Some(wait) => {
                    assert!(wait > Duration::ZERO);
                    now += u64::try_from(wait.as_micros()).unwrap();
                }
                None => admitted += 1,
            }
        }
        // a third of a second is no whole number of microseconds; 1,000 s are still 3,000 permits
        assert_eq!(admitted, 2 + 3_000);
    }

    #[test]
    fn one_a_year_is_exact() {
        let year = Duration::from_secs(365 * 86_400);
        let rule = Gcra::new(&Quota::new(1, year).burst(3)).unwrap();
        let mut state = Debt::default();
        let decision = rule.decide(&mut state, 5, 3);
        assert!(decision.is_allowed());
        assert_eq!(decision.more_after, year);
        assert_eq!(decision.reset_after, 3 * year);
        assert_eq!(rule.decide(&mut state, 5, 1).retry_after(), Some(year));
    }

    #[test]
    fn a_burst_beyond_exactness_does_not_build() {
        let year = Duration::from_secs(365 * 86_400);
        let quota = Quota::new(1_000_003, year).burst(1_000_000);
        let refusal = Gcra::new(&quota).unwrap_err();
        assert!(refusal.is_config());
        assert!(
            refusal.to_string().contains("(a burst of 285)"),
            "{refusal}"
        );
        assert!(Gcra::new(&quota.burst(285)).is_ok());
        assert!(Gcra::new(&quota.burst(286)).is_err());
    }
}
