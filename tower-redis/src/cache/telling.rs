//! What happens is counted, and told to who listens: once it is done, and outside of every lock.

use crate::bounded::Why;
use crate::clock::Moment;
use crate::key::Key;

use super::core::Core;
use super::engine::Engine;
use super::entry::Entry;
use super::event::{CacheEvent, Leaving, written};
use super::flight::Fills;
use super::hold::Hold;
use super::near::Evicted;

impl<V: Hold> Core<V> {
    /// What was there for `key` is not any more.
    pub(super) fn left(&self, key: &[u8], entry: &Entry<V>, why: Leaving) {
        if why == Leaving::Capacity {
            self.counts.evictions.bump();
        }
        if let Some(listener) = &self.parts.listener {
            let (key, value) = (written(key), entry.value().value());
            listener.tell(&CacheEvent::Left { key, value, why });
        }
    }
}

impl<V: Hold> Engine<V> {
    /// What left the near tier by `now` to make room, or since something took its place.
    pub(super) fn evicted(&self, evicted: Evicted<V>, now: Moment) {
        for (key, entry, why) in evicted {
            if why == Why::Crowded {
                self.sweep().crowd();
            }
            let why = match why {
                Why::Replaced => Leaving::Replaced,
                Why::Crowded if self.has_ended(&entry, now) => Leaving::Ended,
                Why::Crowded => Leaving::Capacity,
            };
            self.core().left(&key.written(), &entry, why);
        }
    }

    pub(super) fn load_failed(&self, key: &[u8]) {
        if let Some(listener) = self.listener() {
            let key = written(key);
            listener.tell(&CacheEvent::LoadFailed { key });
        }
    }

    /// The key of a fill, where somebody has to be told if it is refused.
    pub(super) fn fills<R: Fills<V>>(&self, right: &R) -> Option<Key> {
        let listener = self.listener().filter(|_| R::LOADS);
        listener.map(|_| Key::from(right.key()))
    }

    pub(super) fn fill_refused(&self, key: Option<&[u8]>) {
        self.counts().refused_fills.bump();
        if let Some((listener, key)) = self.listener().zip(key) {
            let key = written(key);
            listener.tell(&CacheEvent::FillRefused { key });
        }
    }
}
