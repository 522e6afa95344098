//! One stored value and everything that decides whether it may still be used.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::Moment;

use super::premises::{Epoch, Premises};
use super::tags::Marks;
use super::tie::Tie;

/// A value as it lies in the near tier.
///
/// A hit copies it under the lock of the tier, and a large tier lies outside of the processor's caches: what needs no
/// more is a value and one number, and what more there is to say of others lies elsewhere, beside the value.
#[derive(Debug, Clone)]
pub(crate) enum Entry<V> {
    /// It depends on nothing but time and its cache, and is fresh for all its life.
    Plain {
        value: V,
        until: Until,
    },
    Bonded(Arc<Bonded<V>>),
}

/// Until when a plain entry is fresh, to the millisecond, and of the epoch as much as tells it from those near it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Until(NonZeroU64);

/// A value and what it depends on.
#[derive(Debug)]
pub(crate) struct Bonded<V> {
    value: V,
    bonds: Bonds,
}

/// What an entry depends on besides its cache.
#[derive(Debug)]
pub(crate) struct Bonds {
    pub(crate) marks: Marks,
    /// How it stands to the far tier.
    pub(crate) tie: Tie,
    epoch: Epoch,
    weight: u64,
    span: Span,
    /// When it was last used, in nanoseconds, where that is what it lives by.
    used: AtomicU64,
}

/// How long something lives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    /// Until then it is used without a second thought. From then on to its expiry it is fresh, and may be due
    /// for an early refresh.
    pub(crate) settled: Moment,
    /// Until when it is fresh in this process.
    pub(crate) expires: Moment,
    /// When its life ends, wherever it is.
    pub(crate) lives: Moment,
}

impl Until {
    /// After as many the clock has gone on for 139 years.
    const MOST_MILLIS: u64 = u64::MAX >> Epoch::BITS;
    const NANOS: u64 = 1_000_000;

    /// Nothing ends early, and nothing ends within the first millisecond of a clock.
    fn new(moment: Moment, epoch: Epoch) -> Self {
        let millis = moment.as_nanos().div_ceil(Self::NANOS);
        let millis = millis.min(Self::MOST_MILLIS);
        let both = millis << Epoch::BITS | epoch.low();
        Self(NonZeroU64::new(both).unwrap_or(NonZeroU64::MIN))
    }

    #[inline]
    fn moment(self) -> Moment {
        Moment::from_nanos((self.0.get() >> Epoch::BITS) * Self::NANOS)
    }

    #[inline]
    fn epoch(self) -> Epoch {
        Epoch(Epoch(self.0.get()).low())
    }

    /// Whether a plain entry answers.
    #[inline]
    pub(crate) fn holds(self, epoch: Epoch, now: Moment) -> bool {
        self.epoch().0 == epoch.low() && now < self.moment()
    }
}

impl<V> Entry<V> {
    /// What lives for less is kept to the nanosecond.
    const BRIEF: Duration = Duration::from_secs(1);

    /// `bound`: whether it has anything to do with the far tier, or lives by its use.
    pub(crate) fn new(
        value: V,
        weight: u64,
        span: Span,
        premises: &Premises,
        bound: Option<Tie>,
        now: Moment,
    ) -> Self {
        let is_plain = bound.is_none()
            && premises.marks.is_empty()
            && weight == 1
            && span.settled == span.lives
            && span.lives.since(now) >= Self::BRIEF;
        if is_plain {
            let until = Until::new(span.lives, premises.epoch);
            return Self::Plain { value, until };
        }
        let bonds = Bonds {
            marks: premises.marks.clone(),
            tie: bound.unwrap_or_default(),
            epoch: premises.epoch,
            weight,
            span,
            used: AtomicU64::new(now.as_nanos()),
        };
        Self::Bonded(Arc::new(Bonded { value, bonds }))
    }

    #[inline]
    pub(crate) fn value(&self) -> &V {
        match self {
            Self::Plain { value, .. } => value,
            Self::Bonded(bonded) => &bonded.value,
        }
    }

    #[inline]
    pub(crate) fn weight(&self) -> u64 {
        self.bonds().map_or(1, |bonds| bonds.weight)
    }

    #[inline]
    pub(crate) fn is_of(&self, epoch: Epoch) -> bool {
        let own = match self {
            Self::Plain { until, .. } => until.epoch(),
            Self::Bonded(bonded) => bonded.bonds.epoch,
        };
        own.low() == epoch.low()
    }

    #[inline]
    pub(crate) fn bonds(&self) -> Option<&Bonds> {
        match self {
            Self::Plain { .. } => None,
            Self::Bonded(bonded) => Some(&bonded.bonds),
        }
    }

    /// How long it lives.
    #[inline]
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Plain { until, .. } => Span::until(until.moment()),
            Self::Bonded(bonded) => bonded.bonds.span,
        }
    }

    /// When its life ends, wherever it is.
    pub(crate) fn lives(&self) -> Moment {
        self.span().lives
    }
}

impl<V: Clone> Entry<V> {
    #[inline]
    pub(crate) fn into_value(self) -> V {
        match self {
            Self::Plain { value, .. } => value,
            // nearly always the tier has it too
            Self::Bonded(bonded) => bonded.value.clone(),
        }
    }

    /// `value` in place of its own.
    #[cfg(feature = "http-cache")]
    pub(crate) fn holding(&self, value: V, weight: u64) -> Self {
        let bonds = self.bonds_for(self.span());
        let bonds = Bonds { weight, ..bonds };
        Self::Bonded(Arc::new(Bonded { value, bonds }))
    }

    /// `value`, which is this one and `other` together: it depends on all that they depend on. How it stands to
    /// the far tier is how this one does.
    #[cfg(feature = "http-cache")]
    pub(crate) fn beside(&self, other: &Self, value: V, weight: u64, span: Span) -> Self {
        let marks = |entry: &Self| entry.bonds().map(|bonds| bonds.marks.clone());
        let own = marks(self).unwrap_or_default();
        let both = own.and(marks(other).unwrap_or_default());
        let bonds = self.bonds_for(span);
        Self::Bonded(Arc::new(Bonded {
            value,
            bonds: Bonds {
                marks: both,
                weight,
                ..bonds
            },
        }))
    }

    /// The same, stale from `now` on.
    pub(crate) fn expired(self, now: Moment) -> Self {
        let span = self.span();
        let span = Span {
            settled: span.settled.min(now),
            expires: span.expires.min(now),
            lives: span.lives.min(now),
        };
        self.spanning(span)
    }

    /// The same, with another life.
    pub(crate) fn spanning(self, span: Span) -> Self {
        let bonds = self.bonds_for(span);
        let value = self.into_value();
        Self::Bonded(Arc::new(Bonded { value, bonds }))
    }

    /// Its bonds, were its life `span`.
    fn bonds_for(&self, span: Span) -> Bonds {
        match self {
            Self::Plain { until, .. } => Bonds {
                marks: Marks::default(),
                tie: Tie::default(),
                epoch: until.epoch(),
                weight: 1,
                span,
                used: AtomicU64::new(0),
            },
            Self::Bonded(bonded) => {
                let bonds = &bonded.bonds;
                Bonds {
                    marks: bonds.marks.clone(),
                    tie: bonds.tie.clone(),
                    epoch: bonds.epoch,
                    weight: bonds.weight,
                    span,
                    used: AtomicU64::new(bonds.used.load(Ordering::Relaxed)),
                }
            }
        }
    }
}

impl Span {
    /// Fresh until `end`, and of no use from then on.
    pub(crate) fn until(end: Moment) -> Self {
        Self {
            settled: end,
            expires: end,
            lives: end,
        }
    }
}

impl Bonds {
    /// For how long it has not been used at `now`.
    pub(crate) fn idle(&self, now: Moment) -> Duration {
        let used = Moment::default().after(Duration::from_nanos(self.used.load(Ordering::Relaxed)));
        now.since(used)
    }

    /// It is used at `now`. Written seldom: those who read it share its place in memory.
    pub(crate) fn touch(&self, now: Moment, idle: Duration) {
        const PARTS: u32 = 64;
        if self.idle(now) >= idle / PARTS {
            self.used.fetch_max(now.as_nanos(), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_life_is_kept_as_a_whole() {
        let at = |seconds| Moment::default().after(Duration::from_secs(seconds));
        let span = |settled, expires, lives| Span {
            settled: at(settled),
            expires: at(expires),
            lives: at(lives),
        };
        let premises = Premises::first();
        for (first, bound) in [
            (span(9, 9, 9), None),
            (span(7, 8, 9), None),
            (span(9, 9, 9), Some(Tie::default())),
        ] {
            for (settled, expires, lives) in [(3, 4, 5), (5, 5, 5), (4, 5, 5), (3, 3, 5)] {
                let entry = Entry::new((), 1, first, &premises, bound.clone(), at(0));
                let entry = entry.spanning(span(settled, expires, lives));
                let kept = entry.span();
                let kept = [kept.settled, kept.expires, kept.lives];
                assert_eq!(kept, [settled, expires, lives].map(at));
            }
        }
    }
}
