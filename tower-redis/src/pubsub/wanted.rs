//! What has to be listened to, which is what somebody reads.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use crate::wire::Listening;

/// What somebody reads, and what listens for it.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) listening: OnceLock<Arc<Listening>>,
    readers: Mutex<HashMap<Option<Box<str>>, usize>>,
}

impl Wanted {
    pub(super) fn enter(&self, listening: &Listening, channel: Option<&str>) {
        let mut readers = self.readers();
        let count = readers.entry(channel.map(Into::into)).or_default();
        *count += 1;
        if *count == 1 {
            match channel {
                Some(channel) => listening.subscribe(channel.as_bytes()),
                None => listening.everything(true),
            }
        }
    }

    fn leave(&self, channel: &Option<Box<str>>) {
        let mut readers = self.readers();
        let Some(count) = readers.get_mut(channel) else {
            return;
        };
        *count -= 1;
        if *count > 0 {
            return;
        }
        readers.remove(channel);
        if let Some(listening) = self.listening.get() {
            match channel {
                Some(channel) => listening.unsubscribe(channel.as_bytes()),
                None => listening.everything(false),
            }
        }
    }

    /// What listens, if Redis has confirmed that `channel` is listened to.
    pub(super) fn hearing(&self, channel: &str) -> Option<&Arc<Listening>> {
        let listening = self.listening.get()?;
        listening.hears(channel.as_bytes()).then_some(listening)
    }

    /// Whether a connection may have asked for what is read.
    pub(super) fn is_asked_for(&self) -> bool {
        let listening = self.listening.get();
        listening.is_some_and(|listening| listening.is_connected())
    }

    fn readers(&self) -> MutexGuard<'_, HashMap<Option<Box<str>>, usize>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Leave {
    pub(super) wanted: Weak<Wanted>,
    pub(super) channel: Option<Box<str>>,
}

impl Drop for Leave {
    fn drop(&mut self) {
        if let Some(wanted) = self.wanted.upgrade() {
            wanted.leave(&self.channel);
        }
    }
}
