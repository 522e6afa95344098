//! The source of truth.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use tests::torture::{Instant, Key, Span, Version, What};

use super::log::Log;
use super::tasks::come_back;
use crate::keys::KEYS;

/// What is true of each key. Clones are the same source.
#[derive(Debug, Clone, Default)]
pub(super) struct Source(Rc<RefCell<State>>);

#[derive(Debug, Default)]
struct State {
    versions: [Version; KEYS as usize],
    /// Keys that somebody is writing.
    busy: BTreeSet<Key>,
}

/// Nobody else writes the key as long as it lives.
#[derive(Debug)]
pub(super) struct Writing {
    source: Source,
    key: Key,
}

impl Source {
    pub(super) fn says(&self, key: Key) -> Version {
        self.0.borrow().versions[usize::try_from(key).unwrap()]
    }

    /// The right to write `key`, unless somebody else has it.
    pub(super) fn writing(&self, key: Key) -> Option<Writing> {
        let free = self.0.borrow_mut().busy.insert(key);
        free.then(|| Writing {
            source: self.clone(),
            key,
        })
    }
}

impl Writing {
    /// Writes the next version, and returns it.
    pub(super) async fn write(&self, log: &Log, pauses: (u64, u64)) -> Version {
        let begin: Instant = log.now();
        come_back(pauses.0).await;
        let version = {
            let mut state = self.source.0.borrow_mut();
            let version = &mut state.versions[usize::try_from(self.key).unwrap()];
            *version += 1;
            *version
        };
        come_back(pauses.1).await;
        let key = self.key;
        log.add(0, Span::new(begin, log.now()), What::Write { key, version });
        version
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.source.0.borrow_mut().busy.remove(&self.key);
    }
}
