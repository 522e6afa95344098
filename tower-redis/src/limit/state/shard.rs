//! A part of the keys, under one lock.

use std::hash::{BuildHasher as _, Hasher as _};

use hashbrown::HashTable;

use crate::limit::contract::{Judgement, Rule, Tick};
use crate::limit::decision::Decision;
use crate::limit::full::OnFull;
use crate::limit::stats::Counts;

use super::kept::Kept;

/// Where the permits of a checked key were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seat {
    /// In an entry of its own.
    Own,
    /// With other keys for which there was no room.
    Shared,
}

/// Entries of one shard, and where the cleaning of it has got to.
///
/// What each check reads and writes comes first, and with the lock before it fills one line of the processor's caches:
/// threads that meet at one key hand each other that line, and the one of its entry.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Shard<S> {
    pub(super) entries: HashTable<Entry<S>>,
    /// The latest instant seen. Threads read the clock before they take the lock; in here it does
    /// not go back, or an entry could be removed at one instant and missed at an earlier one.
    latest: Tick,
    /// Counted in here, the lock is all that a check pays for it.
    counts: Counts,
    hasher: foldhash::quality::RandomState,
    pub(super) capacity: usize,
    pub(super) on_full: OnFull,
    /// The next place to look at.
    pub(super) hand: usize,
    /// What is counted for the keys that found no room.
    shared: S,
}

#[derive(Debug)]
pub(super) struct Entry<S> {
    pub(super) key: Kept,
    pub(super) state: S,
}

/// A key as it is looked up: its bytes, and their hash by the shard's own hasher.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hashed<'a> {
    pub(super) hash: u64,
    pub(super) bytes: &'a [u8],
}

/// The hash of a key. Its length needs no place of its own in it: nothing comes after the bytes. How even the shards are
/// hangs on some of its bits, so it is not the `fast` one.
#[inline]
pub(super) fn hash(hasher: &foldhash::quality::RandomState, key: &[u8]) -> u64 {
    let mut hasher = hasher.build_hasher();
    hasher.write(key);
    hasher.finish()
}

impl<S: Default + Clone> Shard<S> {
    pub(super) fn new(
        capacity: usize,
        on_full: OnFull,
        hasher: foldhash::quality::RandomState,
    ) -> Self {
        Self {
            entries: HashTable::new(),
            hasher,
            capacity,
            on_full,
            hand: 0,
            latest: 0,
            shared: S::default(),
            counts: Counts::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Decides, and says where it was counted.
    pub(super) fn decide<R>(
        &mut self,
        rule: &R,
        key: Hashed<'_>,
        now: Tick,
        cost: u64,
    ) -> (Decision, Seat)
    where
        R: Rule<State = S>,
    {
        match self.judge(rule, key, now, cost) {
            Some(judgement) => (judgement.told(rule), Seat::Own),
            None => self.decide_new(rule, key, now, cost),
        }
    }

    /// Decides about a key that is remembered; what is still to be told.
    #[inline(always)]
    pub(super) fn judge<R>(
        &mut self,
        rule: &R,
        key: Hashed<'_>,
        now: Tick,
        cost: u64,
    ) -> Option<Judgement<R::Seen>>
    where
        R: Rule<State = S>,
    {
        self.latest = now.max(self.latest);
        let now = self.latest;
        let entry = self
            .entries
            .find_mut(key.hash, |entry| entry.key.is(key.bytes))?;
        let judgement = rule.judge(&mut entry.state, now, cost);
        self.counts.count(judgement.is_allowed(), false);
        Some(judgement)
    }

    /// Charges what was decided elsewhere, if it fits, and counts no decision.
    #[cfg(feature = "redis")]
    pub(super) fn note<R>(&mut self, rule: &R, key: Hashed<'_>, now: Tick, cost: u64)
    where
        R: Rule<State = S>,
    {
        let before = self.counts;
        self.decide(rule, key, now, cost);
        self.counts = before;
    }

    /// What would be decided. A key that is not remembered is decided about alike with and without room
    /// for it: from what is counted for those that found none.
    pub(super) fn would<R>(&self, rule: &R, key: Hashed<'_>, now: Tick, cost: u64) -> Decision
    where
        R: Rule<State = S>,
    {
        let now = now.max(self.latest);
        let found = self.entries.find(key.hash, |entry| entry.key.is(key.bytes));
        match found {
            Some(entry) => rule.decide(&mut entry.state.clone(), now, cost),
            None if self.is_full() => self.without_room(rule, &mut self.shared.clone(), now, cost),
            None => rule.decide(&mut self.shared.clone(), now, cost),
        }
    }

    /// Counts a refusal that was seen coming, and says whether it was for want of room. It makes some, where it can:
    /// nobody else may.
    pub(super) fn refuse<R>(
        &mut self,
        rule: &R,
        key: Hashed<'_>,
        now: Tick,
        refusal: &Decision,
    ) -> Seat
    where
        R: Rule<State = S>,
    {
        let is_it = |entry: &Entry<S>| entry.key.is(key.bytes);
        let is_known = self.entries.find(key.hash, is_it).is_some();
        let seat = if is_known || !self.is_full() {
            Seat::Own
        } else {
            self.latest = now.max(self.latest);
            self.search(rule, self.latest);
            Seat::Shared
        };
        self.counts
            .count(refusal.is_allowed(), seat == Seat::Shared);
        seat
    }

    /// The instant that a call at `now` counts as.
    pub(super) fn instant(&self, now: Tick) -> Tick {
        now.max(self.latest)
    }

    /// Gives back what `key` was charged at `charged`, and charges it again if it `renews` and holds all of it.
    /// Of what is counted for keys without room nobody knows whose it is: that is not given back.
    pub(super) fn refund<R>(
        &mut self,
        rule: &R,
        key: Hashed<'_>,
        now: Tick,
        (charged, cost): (Tick, u64),
        renews: bool,
    ) -> u64
    where
        R: Rule<State = S>,
    {
        self.latest = now.max(self.latest);
        let now = self.latest;
        let is_it = |entry: &Entry<S>| entry.key.is(key.bytes);
        let Ok(mut entry) = self.entries.find_entry(key.hash, is_it) else {
            return 0;
        };
        let state = &mut entry.get_mut().state;
        let back = rule.refund(state, now, charged, cost);
        if renews && back == cost {
            rule.decide(state, now, cost);
        } else if rule.at_rest(state, now) {
            entry.remove();
        }
        back
    }

    /// Forgets `key`. It keeps what is counted for it with others.
    pub(super) fn forget(&mut self, key: Hashed<'_>) {
        let is_it = |entry: &Entry<S>| entry.key.is(key.bytes);
        if let Ok(entry) = self.entries.find_entry(key.hash, is_it) {
            entry.remove();
        }
    }

    /// What would be decided about a key that has an entry of its own.
    pub(super) fn own<R>(&self, rule: &R, key: Hashed<'_>, now: Tick, cost: u64) -> Option<Decision>
    where
        R: Rule<State = S>,
    {
        let is_it = |entry: &Entry<S>| entry.key.is(key.bytes);
        let entry = self.entries.find(key.hash, is_it)?;
        let now = now.max(self.latest);
        Some(rule.decide(&mut entry.state.clone(), now, cost))
    }

    /// Decides the first call of a key, which [`judge`](Self::judge) does not remember.
    #[cold]
    #[inline(never)]
    pub(super) fn decide_new<R>(
        &mut self,
        rule: &R,
        key: Hashed<'_>,
        now: Tick,
        cost: u64,
    ) -> (Decision, Seat)
    where
        R: Rule<State = S>,
    {
        let (decision, seat) = self.seat(rule, key, self.instant(now), cost);
        self.counts
            .count(decision.is_allowed(), seat == Seat::Shared);
        (decision, seat)
    }

    /// Finds a place for a key, and decides about it there.
    fn seat<R>(&mut self, rule: &R, key: Hashed<'_>, now: Tick, cost: u64) -> (Decision, Seat)
    where
        R: Rule<State = S>,
    {
        if !self.makes_room(rule, now) {
            let mut shared = std::mem::take(&mut self.shared);
            let decision = self.without_room(rule, &mut shared, now, cost);
            self.shared = shared;
            return (decision, Seat::Shared);
        }
        // part of what is counted as shared may have been this key's
        let mut state = if rule.at_rest(&self.shared, now) {
            S::default()
        } else {
            self.shared.clone()
        };
        let decision = rule.decide(&mut state, now, cost);
        if !rule.at_rest(&state, now) {
            self.insert(key, state);
        }
        (decision, Seat::Own)
    }

    /// Remembers a key that is not.
    fn insert(&mut self, key: Hashed<'_>, state: S) {
        let entry = Entry {
            key: key.bytes.into(),
            state,
        };
        let hasher = &self.hasher;
        self.entries
            .insert_unique(key.hash, entry, |entry| hash(hasher, entry.key.as_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use super::super::lock::Lock;
    use super::*;

    /// Of 64 bytes, as most processors have them.
    #[test]
    #[cfg(target_pointer_width = "64")]
    fn what_most_checks_write_is_on_the_line_of_the_lock() {
        let lock = size_of::<Lock<u64>>() - size_of::<u64>();
        let counts = offset_of!(Shard<u64>, counts);
        let ends = [offset_of!(Counts, allowed), offset_of!(Counts, denied)];
        for end in ends.map(|at| lock + counts + at + size_of::<u64>()) {
            assert!(end <= 64, "{end}");
        }
    }
}
