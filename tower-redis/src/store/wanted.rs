//! Which prefixes somebody wants to be removed, and how far that is.
//!
//! Messages come to every instance in one order, so all of them agree: what was wanted before somebody
//! started is settled when that one is done; what was wanted after it is not.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use bytes::Bytes;

/// More are not kept: what is wanted beyond is done by those who keep it.
const MOST: usize = 1_024;

#[derive(Debug, Default)]
pub(super) struct Wanted(HashMap<Bytes, Progress>);

#[derive(Debug)]
struct Progress {
    state: State,
    /// Somebody in this process looks after it.
    tended: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Wanted,
    UnderWay,
    Settled,
}

impl Wanted {
    /// Somebody wants `prefix` to be removed. True when the caller has to look after that now.
    pub(super) fn want(&mut self, prefix: &Bytes) -> bool {
        let full = self.0.len() >= MOST;
        match self.0.entry(prefix.clone()) {
            Entry::Occupied(mut known) => {
                let progress = known.get_mut();
                progress.state = State::Wanted;
                !std::mem::replace(&mut progress.tended, true)
            }
            Entry::Vacant(_) if full => false,
            Entry::Vacant(new) => {
                new.insert(Progress {
                    state: State::Wanted,
                    tended: true,
                });
                true
            }
        }
    }

    pub(super) fn start(&mut self, prefix: &[u8]) {
        if let Some(progress) = self.0.get_mut(prefix)
            && progress.state == State::Wanted
        {
            progress.state = State::UnderWay;
        }
    }

    pub(super) fn finish(&mut self, prefix: &[u8]) {
        if let Some(progress) = self.0.get_mut(prefix)
            && progress.state == State::UnderWay
        {
            progress.state = State::Settled;
            if !progress.tended {
                self.0.remove(prefix);
            }
        }
    }

    /// Nobody has started what was wanted last.
    pub(super) fn is_wanted(&self, prefix: &[u8]) -> bool {
        self.is(prefix, State::Wanted)
    }

    pub(super) fn is_settled(&self, prefix: &[u8]) -> bool {
        self.is(prefix, State::Settled)
    }

    fn is(&self, prefix: &[u8], state: State) -> bool {
        self.0
            .get(prefix)
            .is_some_and(|progress| progress.state == state)
    }

    /// Nobody in this process looks after `prefix` any more.
    pub(super) fn leave(&mut self, prefix: &[u8]) {
        if let Some(progress) = self.0.get_mut(prefix) {
            progress.tended = false;
            if progress.state == State::Settled {
                self.0.remove(prefix);
            }
        }
    }

    /// What is not settled and looked after by nobody: the caller does from now on.
    pub(super) fn take_over(&mut self) -> Vec<Bytes> {
        let alone = self.0.iter_mut().filter(|(_, progress)| !progress.tended);
        alone
            .map(|(prefix, progress)| {
                progress.tended = true;
                prefix.clone()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_after_the_start_is_not_settled_by_the_end() {
        let (mut wanted, prefix) = (Wanted::default(), Bytes::from_static(b"a:"));
        assert!(wanted.want(&prefix));
        assert!(!wanted.want(&prefix));
        // the end of something that started before it was wanted
        wanted.finish(&prefix);
        assert!(wanted.is_wanted(&prefix));
        wanted.start(&prefix);
        assert!(!wanted.is_wanted(&prefix) && !wanted.is_settled(&prefix));
        wanted.want(&prefix);
        wanted.finish(&prefix);
        assert!(wanted.is_wanted(&prefix));
        wanted.start(&prefix);
        wanted.finish(&prefix);
        assert!(wanted.is_settled(&prefix));
        wanted.leave(&prefix);
        assert!(wanted.0.is_empty());
    }

    #[test]
    fn what_nobody_looks_after_is_taken_over() {
        let (mut wanted, prefix) = (Wanted::default(), Bytes::from_static(b"a:"));
        wanted.want(&prefix);
        assert!(wanted.take_over().is_empty());
        wanted.leave(&prefix);
        assert_eq!(wanted.take_over(), std::slice::from_ref(&prefix));
        wanted.leave(&prefix);
        wanted.start(&prefix);
        wanted.finish(&prefix);
        assert!(wanted.0.is_empty());
    }

    #[test]
    fn it_is_bounded() {
        let mut wanted = Wanted::default();
        for n in 0..2 * MOST {
            assert_eq!(wanted.want(&n.to_string().into()), n < MOST);
        }
        assert_eq!(wanted.0.len(), MOST);
    }
}
