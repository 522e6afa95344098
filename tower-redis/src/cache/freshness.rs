//! How long what is stored is fresh, and what it is good for afterwards. Pure: times and chances come in, and
//! decisions go out.
//!
//! ```text
//! made ------------- settled ------------- expires ------------- + window
//!   used without        fresh; may be          stale: served while        gone
//!   a second thought    loaded anew, early     it is loaded anew, or
//!                                              when that fails
//! ```
//!
//! The windows count from the expiry, and the expiry from the last load that succeeded: a failure never
//! lengthens either.

use std::time::Duration;

use crate::clock::Moment;

use super::entry::Span;

/// When something fresh is loaded anew although it has not expired.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) enum Early {
    #[default]
    Never,
    /// Once this part of its life is over.
    After(f64),
    /// By chance, the more likely the nearer the end of its life and the longer its load took: XFetch, from
    /// Vattani, Chierichetti and Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015.
    /// The factor is `beta` there; 1 is the optimum, more is earlier.
    XFetch(f64),
}

/// The longest that XFetch looks ahead, in times of a load and `beta`: the chance that one lookup would look
/// further is less than one in ten million.
const AHEAD: f64 = 16.0;

/// For how long something may be used once it is stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Windows {
    /// While it is loaded anew.
    pub(crate) while_revalidate: Duration,
    /// When the load fails, or takes too long.
    pub(crate) if_error: Duration,
    /// To be shown to the load that replaces it.
    pub(crate) to_revalidate: Duration,
}

impl Windows {
    /// For how long something is kept once it is stale.
    pub(crate) fn longest(&self) -> Duration {
        self.while_revalidate
            .max(self.if_error)
            .max(self.to_revalidate)
    }
}

/// What a cache says about the lives of its entries, besides their TTL.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Freshness {
    /// How long a copy in this process lives at most.
    pub(crate) near: Option<Duration>,
    /// For how long something may go unused.
    pub(crate) idle: Option<Duration>,
    /// The part of its TTL by which a life may be shorter, by chance.
    pub(crate) jitter: f64,
    pub(crate) early: Early,
    pub(crate) windows: Windows,
}

impl Freshness {
    /// What cannot be meant, and what is expected.
    pub(crate) fn mistake(&self) -> Option<(&'static str, &'static str)> {
        const PART: &str = "a part of a life: a number from 0 to 1";
        let is_part = |part: f64| (0.0..=1.0).contains(&part);
        let lives = "a duration greater than zero";
        if self.near.is_some_and(|near| near.is_zero()) {
            return Some(("`near_ttl` is zero", lives));
        }
        if self.idle.is_some_and(|idle| idle.is_zero()) {
            return Some(("`time_to_idle` is zero", lives));
        }
        if !is_part(self.jitter) {
            return Some(("`jitter` is not between 0 and 1", PART));
        }
        match self.early {
            Early::After(part) if !is_part(part) => {
                Some(("`refresh_after` is not between 0 and 1", PART))
            }
            Early::XFetch(beta) if !(beta > 0.0 && beta.is_finite()) => {
                let expected = "a number greater than zero; 1.0 is the optimum";
                Some((
                    "`refresh_by_chance` has a `beta` that is not positive",
                    expected,
                ))
            }
            _ => None,
        }
    }

    /// `ttl` with what `chance`, in 0 to 1, takes from it. Something that lived for some time still does.
    pub(crate) fn jittered(&self, ttl: Duration, chance: f64) -> Duration {
        const LEAST: Duration = Duration::from_nanos(1);
        if self.jitter <= 0.0 || ttl.is_zero() {
            return ttl;
        }
        let part = 1.0 - (self.jitter * chance).clamp(0.0, 1.0);
        scaled(ttl, part).clamp(LEAST, ttl)
    }

    /// The life of what was made at `made` to live for `ttl`, of which `left` is left at `now`, and whose load
    /// took `cost`.
    pub(crate) fn span(&self, now: Moment, left: Duration, ttl: Duration, cost: Duration) -> Span {
        let lives = now.after(left);
        let expires = self.near.map_or(lives, |near| lives.min(now.after(near)));
        let ahead = match self.early {
            Early::Never => Duration::ZERO,
            Early::After(part) => scaled(ttl, 1.0 - part),
            Early::XFetch(beta) => scaled(cost, AHEAD * beta),
        };
        Span {
            settled: expires.min(lives.before(ahead)),
            expires,
            lives,
        }
    }

    /// Whether what is no longer settled is to be loaded anew at `now`. `chance` lies above 0 and up to 1.
    pub(crate) fn is_due(&self, settled: Moment, lives: Moment, now: Moment, chance: f64) -> bool {
        match self.early {
            Early::Never => false,
            Early::After(_) => settled <= now,
            // the load took an `AHEAD`th of what lies between, times beta
            Early::XFetch(_) => {
                let ahead = scaled(lives.since(settled), -chance.ln() / AHEAD);
                lives <= now.after(ahead)
            }
        }
    }
}

/// `duration` times `by`, which may be anything: what is no number is zero, and what is too much is the most.
fn scaled(duration: Duration, by: f64) -> Duration {
    Duration::try_from_secs_f64((duration.as_secs_f64() * by).max(0.0)).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(millis: u64) -> Moment {
        Moment::default().after(Duration::from_secs(1_000) + Duration::from_millis(millis))
    }

    fn early(early: Early) -> Freshness {
        Freshness {
            early,
            ..Freshness::default()
        }
    }

    #[test]
    fn nothing_said_is_one_life() {
        let span = Freshness::default().span(at(0), SECOND, SECOND, SECOND);
        assert_eq!(
            (span.settled, span.expires, span.lives),
            (at(1_000), at(1_000), at(1_000))
        );
    }

    #[test]
    fn a_part_of_the_life_has_to_be_over() {
        let early = early(Early::After(0.75));
        let span = early.span(at(0), SECOND, SECOND, Duration::ZERO);
        assert_eq!(span.settled, at(750));
        // a copy of something that is older
        let span = early.span(at(0), SECOND / 2, SECOND, Duration::ZERO);
        assert_eq!((span.settled, span.lives), (at(250), at(500)));
    }

    #[test]
    fn a_copy_in_this_process_may_live_shorter() {
        let near = Freshness {
            near: Some(SECOND / 10),
            ..Freshness::default()
        };
        let span = near.span(at(0), SECOND, SECOND, SECOND);
        assert_eq!(
            (span.settled, span.expires, span.lives),
            (at(100), at(100), at(1_000))
        );
        let span = near.span(at(0), SECOND / 20, SECOND, SECOND);
        assert_eq!(span.expires, at(50));
    }

    /// How likely it is to be due, counted over chances that are spread evenly.
    fn share(freshness: &Freshness, span: Span, now: Moment) -> f64 {
        const DRAWS: u32 = 10_000;
        let due = |draw: &u32| {
            let chance = (f64::from(*draw) + 0.5) / f64::from(DRAWS);
            freshness.is_due(span.settled, span.lives, now, chance)
        };
        (0..DRAWS).filter(due).count() as f64 / f64::from(DRAWS)
    }

    /// Of the paper: it is due when `now - delta * beta * ln(chance) >= expiry`, so with a probability of
    /// `exp(-(expiry - now) / (delta * beta))`.
    #[test]
    fn xfetch_is_as_likely_as_the_paper_says() {
        for beta in [0.5, 1.0, 3.0] {
            let freshness = early(Early::XFetch(beta));
            let cost = Duration::from_millis(40);
            let span = freshness.span(at(0), SECOND * 10, SECOND * 10, cost);
            for before in [0_u32, 10, 40, 80, 200] {
                let expected = (-f64::from(before) / (40.0 * beta)).exp();
                let found = share(&freshness, span, at(10_000 - u64::from(before)));
                assert!(
                    (found - expected).abs() < 0.001,
                    "{beta} {before}: {found}, {expected}"
                );
            }
            assert_eq!(
                share(
                    &freshness,
                    span,
                    span.settled.before(Duration::from_nanos(1))
                ),
                0.0
            );
        }
    }

    proptest! {
        #[test]
        fn a_jittered_life_is_never_longer_and_never_none(
            jitter in 0.0..=1.0, chance in 0.0..=1.0, ttl in 1_u64..u64::MAX,
        ) {
            let freshness = Freshness { jitter, ..Freshness::default() };
            let ttl = Duration::from_nanos(ttl);
            let lives = freshness.jittered(ttl, chance);
            prop_assert!(!lives.is_zero() && lives <= ttl);
            prop_assert!(lives >= scaled(ttl, (1.0 - jitter) * 0.999_999));
        }

        #[test]
        fn spans_are_in_order_whatever_is_said(
            near in proptest::option::of(0_u64..u64::MAX),
            part in -1.0..2.0,
            beta in 0.0..1e12,
            by_chance in any::<bool>(),
            left in any::<u64>(), ttl in any::<u64>(), cost in any::<u64>(),
        ) {
            let early = if by_chance { Early::XFetch(beta) } else { Early::After(part) };
            let near = near.map(Duration::from_nanos);
            let freshness = Freshness { near, early, ..Freshness::default() };
            let [left, ttl, cost] = [left, ttl, cost].map(Duration::from_nanos);
            let span = freshness.span(at(0), left, ttl, cost);
            prop_assert!(span.settled <= span.expires && span.expires <= span.lives);
        }
    }
}
