//! Room for keys: making some, and what is decided where there is none.

use crate::limit::contract::{Rule, Tick};
use crate::limit::decision::Decision;
use crate::limit::full::{OnFull, refused};

use super::shard::Shard;

/// Entries looked at when a new key arrives. Two would keep up with any flow of keys that come to
/// rest; the rest shortens the time until a burst of them is gone.
const GLANCE: usize = 4;
/// As many entries stay, at rest or not: they are near at hand in a cache of the processor, and a key that is asked for
/// again finds its own. Removing them and making them anew takes a busy limiter longer than all else.
const FEW: usize = 256;
/// Entries looked at when there is no room for the new key.
const SEARCH: usize = 8;
/// Places looked for them at, most of which have an entry unless there were many more keys before.
const STEPS: usize = 64;

impl<S: Default + Clone> Shard<S> {
    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= self.capacity
    }

    /// Decides about a key for which there is no room; `shared` is what is counted for all of them.
    pub(super) fn without_room<R>(&self, rule: &R, shared: &mut S, now: Tick, cost: u64) -> Decision
    where
        R: Rule<State = S>,
    {
        match self.on_full {
            OnFull::Share => rule.decide(shared, now, cost),
            OnFull::Open => rule.decide(&mut S::default(), now, cost),
            OnFull::Closed => refused(rule.decide(&mut S::default(), now, cost), cost),
        }
    }

    /// Cleans a little, since a new key has come; whether there is room for it.
    pub(super) fn makes_room<R: Rule<State = S>>(&mut self, rule: &R, now: Tick) -> bool {
        if self.entries.len() >= FEW {
            self.clean(rule, now, GLANCE);
        }
        if self.is_full() {
            self.search(rule, now);
        }
        !self.is_full()
    }

    /// Looks for keys that can go.
    pub(super) fn search<R: Rule<State = S>>(&mut self, rule: &R, now: Tick) {
        self.clean(rule, now, SEARCH);
    }

    /// Looks at the next `looks` entries and removes those at rest.
    fn clean<R: Rule<State = S>>(&mut self, rule: &R, now: Tick, looks: usize) {
        let places = self.entries.num_buckets();
        let mut looks = looks.min(self.entries.len());
        for _ in 0..places.min(STEPS) {
            if looks == 0 {
                break;
            }
            if self.hand >= places {
                self.hand = 0;
            }
            if let Ok(entry) = self.entries.get_bucket_entry(self.hand) {
                looks -= 1;
                if rule.at_rest(&entry.get().state, now) {
                    entry.remove();
                }
            }
            self.hand += 1;
        }
    }
}
