//! What an entry is good for, and the shortest way to an answer.

use crate::clock::Moment;
use crate::key::Sought;

use super::core::Core;
use super::entry::Entry;
use super::hold::Hold;

/// What an entry is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It answers.
    Fresh,
    /// It answers, and may be due for an early refresh.
    Early,
    /// It was good once.
    Stale,
    /// Nothing.
    Useless,
}

impl<V: Hold> Core<V> {
    /// The value that answers for `key` without a second thought, counted as a hit. A miss is counted by
    /// whoever goes on.
    #[inline(always)]
    pub(crate) fn hit(&self, key: Sought<'_>) -> Option<V> {
        // nothing is there where the cache is off
        let found = self.parts.near.get(key);
        // what is found is not moved before this: it was written field by field a moment ago
        let answers = match found.as_ref()? {
            Entry::Plain { until, .. } => until.holds(self.epoch(), self.parts.clock.coarse()),
            bonded @ Entry::Bonded(_) => self.answers(bonded),
        };
        match found {
            Some(entry) if answers => {
                self.counts.near_hits.bump();
                Some(entry.into_value())
            }
            _ => None,
        }
    }

    /// Whether `entry` answers; it is used then.
    #[inline(never)]
    fn answers(&self, entry: &Entry<V>) -> bool {
        let now = self.parts.clock.coarse();
        let answers = self.standing(entry, now) == Standing::Fresh;
        if answers {
            self.used(entry, now);
        }
        answers
    }

    /// What `entry` is good for at `now`.
    #[inline]
    pub(super) fn standing(&self, entry: &Entry<V>, now: Moment) -> Standing {
        if !entry.is_of(self.epoch()) {
            return Standing::Useless;
        }
        let mut stale = false;
        if let Some(bonds) = entry.bonds() {
            let trusted = || self.far().is_none_or(|far| far.trusts(&bonds.tie, now));
            if !self.remains(entry, now) || !trusted() {
                return Standing::Useless;
            }
            stale = !bonds.marks.hold();
        }
        let span = entry.span();
        if !stale && now < span.settled {
            Standing::Fresh
        } else if !stale && now < span.expires {
            Standing::Early
        } else if now < span.lives && !stale {
            // only the copy is over: the far tier knows better
            Standing::Useless
        } else {
            Standing::Stale
        }
    }

    /// Whether `entry` was not removed, as far as is known here, and has been used.
    #[inline]
    pub(super) fn remains(&self, entry: &Entry<V>, now: Moment) -> bool {
        entry.bonds().is_none_or(|bonds| {
            let idle = self.parts.freshness.idle;
            let unused = idle.is_some_and(|idle| bonds.idle(now) >= idle);
            bonds.marks.stay() && !unused
        })
    }

    #[inline]
    pub(super) fn used(&self, entry: &Entry<V>, now: Moment) {
        if let (Some(idle), Some(bonds)) = (self.parts.freshness.idle, entry.bonds()) {
            bonds.touch(now, idle);
        }
    }
}
