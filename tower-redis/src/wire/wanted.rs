//! What is to be listened to, and the connection that does.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redis::aio::MultiplexedConnection;
use tokio::sync::Notify;

use super::ear::Ear;
use super::hearer::Interest;

#[derive(Default)]
pub(super) struct Wanted {
    set: Mutex<Set>,
    pub(super) changed: Notify,
    current: Mutex<Option<Current>>,
}

/// The connection that listens now.
#[derive(Clone)]
pub(super) struct Current {
    pub(super) ear: Arc<Ear>,
    pub(super) mux: MultiplexedConnection,
}

#[derive(Default, Clone, PartialEq, Eq)]
pub(super) struct Set {
    pub(super) channels: BTreeSet<Vec<u8>>,
    pub(super) everything: bool,
}

impl Wanted {
    pub(super) fn set(&self) -> MutexGuard<'_, Set> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn current(&self) -> Option<Current> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.clone()
    }

    pub(super) fn become_(&self, next: Option<Current>) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *current, next);
        drop(current);
        drop(old);
    }

    /// Waits until there is something to listen to.
    pub(super) async fn something(&self) -> Set {
        loop {
            let changed = self.changed.notified();
            let set = self.set().clone();
            if set != Set::default() {
                return set;
            }
            changed.await;
        }
    }
}

impl From<Interest> for Wanted {
    fn from(to: Interest) -> Self {
        let set = match to {
            Interest::Channels(channels) => Set {
                channels: channels.into_iter().collect(),
                everything: false,
            },
            Interest::Everything => Set {
                channels: BTreeSet::new(),
                everything: true,
            },
        };
        Self {
            set: Mutex::new(set),
            ..Self::default()
        }
    }
}

impl Set {
    pub(super) fn len(&self) -> usize {
        self.channels.len() + usize::from(self.everything)
    }
}
