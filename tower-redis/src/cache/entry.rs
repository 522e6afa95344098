//! One stored value and everything that decides whether it may still be used.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::Moment;
use crate::store::FeedEpoch;

use super::tags::Marks;
use super::tie::Tie;

/// Which generation of a cache something belongs to; `clear` starts a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch(pub(crate) u64);

/// The state of the world when a load began. What it brings is good for exactly as long as this
/// still holds.
#[derive(Debug, Clone)]
pub(crate) struct Premises {
    pub(crate) epoch: Epoch,
    /// How many tags had been invalidated: for tags that come with the value.
    pub(crate) stamp: u64,
    /// Whether tags may come with the value.
    pub(crate) late: bool,
    pub(crate) marks: Marks,
    /// The epoch of the feed.
    pub(crate) feed: FeedEpoch,
}

impl Premises {
    /// Whether nothing that this process knows of has happened since.
    pub(crate) fn hold(&self, now: Epoch) -> bool {
        self.epoch == now && self.marks.hold()
    }

    /// Whether a tag that may come with the value was invalidated until there was this `stamp`.
    pub(crate) fn may_be_outdated(&self, stamp: u64) -> bool {
        self.late && self.stamp != stamp
    }
}

/// A value as it lies in the near tier, in place: a hit copies it under the lock of the tier, so it is no
/// larger than it has to be. What few entries have lies elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct Entry<V> {
    pub(crate) value: V,
    /// Until then it is used without a second thought. From then on to its expiry it is fresh, and may be due
    /// for an early refresh.
    pub(crate) settled: Moment,
    /// Of the epoch, as much as tells it from those near it.
    epoch: u32,
    weight: u32,
    bonds: Option<Arc<Bonds>>,
}

/// What an entry depends on besides time and its cache.
#[derive(Debug)]
pub(crate) struct Bonds {
    pub(crate) marks: Marks,
    /// How it stands to the far tier.
    pub(crate) tie: Tie,
    /// Until when it is fresh in this process.
    expires: Moment,
    /// When its life ends, wherever it is.
    lives: Moment,
    /// When it was last used, in nanoseconds, where that is what it lives by.
    used: AtomicU64,
}

/// How long something lives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) settled: Moment,
    /// In this process.
    pub(crate) expires: Moment,
    /// Everywhere.
    pub(crate) lives: Moment,
}

impl<V> Entry<V> {
    /// `bound`: whether it has anything to do with the far tier, or lives by its use.
    pub(crate) fn new(
        value: V,
        weight: u64,
        span: Span,
        premises: &Premises,
        bound: Option<Tie>,
        now: Moment,
    ) -> Self {
        let marks = premises.marks.clone();
        let bonds =
            (bound.is_some() || !marks.is_empty() || span.settled < span.lives).then(|| {
                Arc::new(Bonds {
                    marks,
                    tie: bound.unwrap_or_default(),
                    expires: span.expires,
                    lives: span.lives,
                    used: AtomicU64::new(now.as_nanos()),
                })
            });
        Self {
            value,
            settled: span.settled,
            epoch: low(premises.epoch),
            weight: u32::try_from(weight).unwrap_or(u32::MAX),
            bonds,
        }
    }

    #[inline]
    pub(crate) fn weight(&self) -> u64 {
        self.weight.into()
    }

    #[inline]
    pub(crate) fn is_of(&self, epoch: Epoch) -> bool {
        self.epoch == low(epoch)
    }

    #[inline]
    pub(crate) fn bonds(&self) -> Option<&Bonds> {
        self.bonds.as_deref()
    }

    /// Until when it is fresh in this process.
    pub(crate) fn expires(&self) -> Moment {
        self.bonds().map_or(self.settled, |bonds| bonds.expires)
    }

    /// When its life ends, wherever it is.
    pub(crate) fn lives(&self) -> Moment {
        self.bonds().map_or(self.settled, |bonds| bonds.lives)
    }

    /// `value` in place of its own.
    #[cfg(feature = "http-cache")]
    pub(crate) fn holding(self, value: V, weight: u64) -> Self {
        Self {
            value,
            weight: u32::try_from(weight).unwrap_or(u32::MAX),
            ..self
        }
    }

    /// `value`, which is this one and `other` together: it depends on all that they depend on. How it stands to
    /// the far tier is how this one does.
    #[cfg(feature = "http-cache")]
    pub(crate) fn beside(&self, other: &Self, value: V, weight: u64, span: Span) -> Self {
        let bonds = match (self.bonds(), other.bonds()) {
            (None, None) => None,
            (own, others) => {
                let marks = |bonds: Option<&Bonds>| bonds.map(|bonds| bonds.marks.clone());
                let own_marks = marks(own).unwrap_or_default();
                let all = own_marks.and(marks(others).unwrap_or_default());
                let of_own = own.or(others);
                of_own.map(|bonds| {
                    Arc::new(Bonds {
                        marks: all,
                        tie: own.map(|own| own.tie.clone()).unwrap_or_default(),
                        expires: span.expires,
                        lives: span.lives,
                        used: AtomicU64::new(bonds.used.load(Ordering::Relaxed)),
                    })
                })
            }
        };
        Self {
            value,
            settled: span.settled,
            epoch: self.epoch,
            weight: u32::try_from(weight).unwrap_or(u32::MAX),
            bonds,
        }
    }

    /// The same, stale from `now` on.
    pub(crate) fn expired(self, now: Moment) -> Self {
        let span = Span {
            settled: self.settled.min(now),
            expires: self.expires().min(now),
            lives: self.lives().min(now),
        };
        self.spanning(span)
    }

    /// The same, with another life.
    pub(crate) fn spanning(mut self, span: Span) -> Self {
        self.settled = span.settled;
        let before = self.bonds.take();
        if before.is_some() || span.settled < span.lives {
            let before = before.as_deref();
            let used = before.map_or(0, |bonds| bonds.used.load(Ordering::Relaxed));
            self.bonds = Some(Arc::new(Bonds {
                marks: before.map(|bonds| bonds.marks.clone()).unwrap_or_default(),
                tie: before.map(|bonds| bonds.tie.clone()).unwrap_or_default(),
                expires: span.expires,
                lives: span.lives,
                used: AtomicU64::new(used),
            }));
        }
        self
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

fn low(epoch: Epoch) -> u32 {
    epoch.0 as u32
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
        let premises = Premises {
            epoch: Epoch(0),
            stamp: 0,
            late: false,
            marks: Marks::default(),
            feed: FeedEpoch::default(),
        };
        for (first, bound) in [
            (span(9, 9, 9), None),
            (span(7, 8, 9), None),
            (span(9, 9, 9), Some(Tie::default())),
        ] {
            for (settled, expires, lives) in [(3, 4, 5), (5, 5, 5), (4, 5, 5), (3, 3, 5)] {
                let entry = Entry::new((), 1, first, &premises, bound.clone(), at(0));
                let entry = entry.spanning(span(settled, expires, lives));
                let kept = [entry.settled, entry.expires(), entry.lives()];
                assert_eq!(kept, [settled, expires, lives].map(at));
            }
        }
    }
}
