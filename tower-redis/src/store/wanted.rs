//! Which prefixes somebody wants to be removed, and how far that is.
//!
//! Messages come to every instance in one order, so all of them agree: what was wanted before somebody
//! started is settled when that one is done; what was wanted after it is not.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};

use bytes::Bytes;

/// More than this is worth telling: removals are asked for faster than they can be done.
pub(super) const MANY: usize = 10_000;

/// What is not settled. Nothing is left out, since nobody else knows of it.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    open: BTreeMap<Bytes, State>,
    /// Those of them that are to be asked for now.
    due: BTreeSet<Bytes>,
    /// Those up to this one have been asked for, in this round.
    last: Bytes,
    /// Somebody in this process looks after all of them.
    tended: bool,
    told: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Wanted,
    UnderWay,
}

impl Wanted {
    /// Somebody wants `prefix` to be removed.
    pub(super) fn want(&mut self, prefix: &Bytes) {
        self.open.insert(prefix.clone(), State::Wanted);
        self.due.insert(prefix.clone());
    }

    /// One of us starts to remove it: it is asked for again when that one is not done in time.
    pub(super) fn start(&mut self, prefix: &[u8]) {
        if let Some(state) = self.open.get_mut(prefix) {
            *state = State::UnderWay;
            self.due.remove(prefix);
        }
    }

    /// One of us has removed it.
    pub(super) fn finish(&mut self, prefix: &[u8]) {
        if self.open.get(prefix) == Some(&State::UnderWay) {
            self.forget(prefix);
        }
    }

    /// This process has removed what it took: whatever was not wanted again is settled.
    pub(super) fn did(&mut self, prefixes: &[Bytes]) {
        for prefix in prefixes {
            if !self.due.contains(prefix) {
                self.forget(prefix);
            }
        }
    }

    fn forget(&mut self, prefix: &[u8]) {
        self.open.remove(prefix);
        self.due.remove(prefix);
    }

    pub(super) fn is_open(&self, prefix: &[u8]) -> bool {
        self.open.contains_key(prefix)
    }

    /// At most `most` that are to be asked for, each in its turn; they are not again until
    /// [`again`](Self::again), or until they are wanted again.
    pub(super) fn take(&mut self, most: usize) -> Vec<Bytes> {
        let last = &self.last;
        let behind = self.due.range::<Bytes, _>((Excluded(last), Unbounded));
        let before = self.due.range::<Bytes, _>(..=last);
        let taken: Vec<Bytes> = behind.chain(before).take(most).cloned().collect();
        for prefix in &taken {
            self.due.remove(prefix);
        }
        if let Some(last) = taken.last() {
            self.last = last.clone();
        }
        taken
    }

    /// Everything is to be asked for again.
    pub(super) fn again(&mut self) {
        self.due.extend(self.open.keys().cloned());
    }

    /// True when the caller has to look after everything from now on.
    pub(super) fn tend(&mut self) -> bool {
        !self.open.is_empty() && !std::mem::replace(&mut self.tended, true)
    }

    /// Nobody looks after it any more.
    pub(super) fn leave(&mut self) {
        self.tended = false;
        self.again();
    }

    /// The same, if there is nothing to look after.
    pub(super) fn rest(&mut self) -> bool {
        let over = self.open.is_empty();
        self.tended &= !over;
        over
    }

    /// True once: when there are so many that somebody should know.
    pub(super) fn are_many(&mut self) -> bool {
        self.open.len() > MANY && !std::mem::replace(&mut self.told, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(n: usize) -> Bytes {
        format!("{n:05}:").into()
    }

    #[test]
    fn what_is_wanted_after_the_start_is_not_settled_by_the_end() {
        let (mut wanted, a) = (Wanted::default(), Bytes::from_static(b"a:"));
        wanted.want(&a);
        wanted.want(&a);
        // the end of something that started before it was wanted
        wanted.finish(&a);
        assert_eq!(wanted.take(9), std::slice::from_ref(&a));
        wanted.start(&a);
        wanted.want(&a);
        wanted.finish(&a);
        assert_eq!(wanted.take(9), std::slice::from_ref(&a));
        wanted.start(&a);
        wanted.finish(&a);
        assert!(!wanted.is_open(&a) && wanted.rest());
    }

    #[test]
    fn what_was_wanted_while_it_was_removed_is_removed_again() {
        let mut wanted = Wanted::default();
        (0..2).for_each(|n| wanted.want(&prefix(n)));
        let taken = wanted.take(9);
        wanted.want(&prefix(1));
        wanted.did(&taken);
        assert!(!wanted.is_open(&prefix(0)));
        assert_eq!(wanted.take(9), [prefix(1)]);
        // it was wanted before this one started
        wanted.want(&prefix(1));
        wanted.start(&prefix(1));
        wanted.did(&[prefix(1)]);
        assert!(wanted.rest());
    }

    #[test]
    fn everything_has_its_turn() {
        let mut wanted = Wanted::default();
        (0..10).for_each(|n| wanted.want(&prefix(n)));
        assert_eq!(wanted.take(4), [0, 1, 2, 3].map(prefix));
        (0..4).for_each(|n| wanted.want(&prefix(n)));
        assert_eq!(wanted.take(4), [4, 5, 6, 7].map(prefix));
        assert_eq!(wanted.take(4), [8, 9, 0, 1].map(prefix));
        assert_eq!(wanted.take(4), [2, 3].map(prefix));
        assert!(wanted.take(4).is_empty());
        wanted.start(&prefix(3));
        wanted.again();
        assert_eq!(wanted.take(20).len(), 10);
    }

    #[test]
    fn one_looks_after_all_and_another_one_when_that_one_is_gone() {
        let mut wanted = Wanted::default();
        assert!(!wanted.tend() && wanted.rest());
        wanted.want(&prefix(1));
        assert!(wanted.tend() && !wanted.tend() && !wanted.rest());
        assert_eq!(wanted.take(9), [prefix(1)]);
        wanted.leave();
        assert!(wanted.tend());
        assert_eq!(wanted.take(9), [prefix(1)]);
        wanted.did(&[prefix(1)]);
        assert!(wanted.rest());
    }

    #[test]
    fn many_are_kept_and_told_of_once() {
        let mut wanted = Wanted::default();
        let told = (0..2 * MANY).filter(|n| {
            wanted.want(&prefix(*n));
            wanted.are_many()
        });
        assert_eq!(told.count(), 1);
        assert_eq!(wanted.take(usize::MAX).len(), 2 * MANY);
    }
}
