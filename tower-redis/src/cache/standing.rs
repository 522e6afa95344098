//! What an entry is good for, and the shortest way to an answer.

use std::sync::Arc;

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

/// What a first look at the near tier shows.
#[derive(Debug)]
pub(crate) enum Seen<V> {
    /// It answers without a second thought.
    Hit(V),
    /// Something that does not.
    Other,
    Nothing,
}

impl<V: Hold> Core<V> {
    /// The value that answers for `key` without a second thought, counted as a hit. A miss is counted by
    /// whoever goes on.
    #[inline(always)]
    pub(crate) fn hit(&self, key: Sought<'_>) -> Option<V> {
        match self.see(key) {
            Seen::Hit(value) => Some(value),
            Seen::Other | Seen::Nothing => None,
        }
    }

    /// [`hit`](Self::hit), and what there is where it is none.
    #[inline(always)]
    pub(crate) fn see(&self, key: Sought<'_>) -> Seen<V> {
        // before the lock is taken: what was right when the call came is
        let (epoch, now) = (self.epoch(), self.parts.clock.coarse());
        // nothing is there where the cache is off
        let found = self.parts.near.read(key, move |entry| match entry {
            Entry::Plain { value, until } => until.holds(epoch, now).then(|| Ok(value.clone())),
            Entry::Bonded(bonded) => Some(Err(Arc::clone(bonded))),
        });
        let value = match found {
            None => return Seen::Nothing,
            Some(None) => return Seen::Other,
            Some(Some(Ok(value))) => value,
            Some(Some(Err(bonded))) => match self.bonded(Entry::Bonded(bonded)) {
                Some(value) => value,
                None => return Seen::Other,
            },
        };
        self.counts.near_hits.bump();
        Seen::Hit(value)
    }

    /// The value of `entry`, if it answers; it is used then.
    #[inline(never)]
    fn bonded(&self, entry: Entry<V>) -> Option<V> {
        let now = self.parts.clock.coarse();
        let answers = self.standing(&entry, now) == Standing::Fresh;
        if answers {
            self.used(&entry, now);
        }
        answers.then(|| entry.into_value())
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
