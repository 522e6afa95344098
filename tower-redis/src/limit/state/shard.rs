//! A part of the keys, under one lock.

use indexmap::IndexMap;
use indexmap::map::raw_entry_v1::{RawEntryApiV1, RawEntryMut};

use crate::limit::contract::{Rule, Tick};
use crate::limit::decision::Decision;

/// Entries looked at when a new key arrives. Two would keep up with any flow of keys that come to
/// rest; the rest shortens the time until a burst of them is gone.
const GLANCE: usize = 4;
/// The same, when there is no room for the new key.
const SEARCH: usize = 8;

/// Where the permits of a checked key were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seat {
    /// In an entry of its own.
    Own,
    /// With other keys for which there was no room.
    Shared,
}

/// Entries of one shard, and where the cleaning of it has got to.
#[derive(Debug)]
pub(super) struct Shard<S> {
    entries: IndexMap<Box<[u8]>, S, foldhash::fast::RandomState>,
    capacity: usize,
    /// The next entry to look at.
    hand: usize,
    /// The latest instant seen. Threads read the clock before they take the lock; in here it does
    /// not go back, or an entry could be removed at one instant and missed at an earlier one.
    latest: Tick,
    /// What is counted for the keys that found no room.
    shared: S,
}

/// A key as it is looked up: its bytes, and their hash by the shard's own hasher.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hashed<'a> {
    pub(super) hash: u64,
    pub(super) bytes: &'a [u8],
}

impl<S: Default + Clone> Shard<S> {
    pub(super) fn new(capacity: usize, hasher: foldhash::fast::RandomState) -> Self {
        Self {
            entries: IndexMap::with_hasher(hasher),
            capacity,
            hand: 0,
            latest: 0,
            shared: S::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

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
        self.latest = now.max(self.latest);
        let now = self.latest;
        let found = self
            .entries
            .raw_entry_v1()
            .index_from_hash(key.hash, |kept| **kept == *key.bytes);
        let known = found.and_then(|index| self.entries.get_index_mut(index));
        match known {
            Some((_, state)) => (rule.decide(state, now, cost), Seat::Own),
            None => self.decide_new(rule, key, now, cost),
        }
    }

    fn decide_new<R>(&mut self, rule: &R, key: Hashed<'_>, now: Tick, cost: u64) -> (Decision, Seat)
    where
        R: Rule<State = S>,
    {
        self.clean(rule, now, GLANCE);
        if self.entries.len() >= self.capacity {
            self.clean(rule, now, SEARCH);
        }
        if self.entries.len() >= self.capacity {
            return (rule.decide(&mut self.shared, now, cost), Seat::Shared);
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

    fn insert(&mut self, key: Hashed<'_>, state: S) {
        let entry = self
            .entries
            .raw_entry_mut_v1()
            .from_hash(key.hash, |kept| **kept == *key.bytes);
        match entry {
            RawEntryMut::Vacant(entry) => {
                entry.insert_hashed_nocheck(key.hash, key.bytes.into(), state);
            }
            RawEntryMut::Occupied(mut entry) => {
                entry.insert(state);
            }
        }
    }

    /// Looks at the next `looks` entries and removes those at rest.
    fn clean<R: Rule<State = S>>(&mut self, rule: &R, now: Tick, looks: usize) {
        for _ in 0..looks.min(self.entries.len()) {
            if self.hand >= self.entries.len() {
                self.hand = 0;
            }
            let at_rest = self
                .entries
                .get_index(self.hand)
                .is_some_and(|(_, state)| rule.at_rest(state, now));
            if at_rest {
                // the last entry takes its place and is looked at next
                self.entries.swap_remove_index(self.hand);
            } else {
                self.hand += 1;
            }
        }
    }
}
