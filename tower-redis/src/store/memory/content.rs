//! What a server holds, with expiry.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

/// The keys of a server. Times are its own clock's.
#[derive(Debug, Default)]
pub(super) struct Content(BTreeMap<Bytes, Slot>);

#[derive(Debug, Clone)]
struct Slot {
    value: Value,
    expires: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(Bytes),
    /// A list, a hash: whatever is not a string.
    Foreign,
}

/// What lies under a key, and how long it is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lying {
    pub(super) value: Value,
    pub(super) left: Option<Duration>,
}

impl Content {
    pub(super) fn get(&self, key: &[u8], now: Duration) -> Option<Lying> {
        let slot = self.0.get(key)?;
        let left = slot.expires.map(|expires| expires.saturating_sub(now));
        (left != Some(Duration::ZERO)).then(|| Lying {
            value: slot.value.clone(),
            left,
        })
    }

    /// The same, whether or not it is over.
    pub(super) fn get_dead_or_alive(&self, key: &[u8], now: Duration) -> Option<Lying> {
        self.0.get(key).map(|slot| Lying {
            value: slot.value.clone(),
            left: slot.expires.map(|expires| expires.saturating_sub(now)),
        })
    }

    pub(super) fn text(&self, key: &[u8], now: Duration) -> Option<Bytes> {
        match self.get(key, now)?.value {
            Value::Text(text) => Some(text),
            Value::Foreign => None,
        }
    }

    pub(super) fn is_foreign(&self, key: &[u8], now: Duration) -> bool {
        let lying = self.get(key, now);
        lying.is_some_and(|lying| lying.value == Value::Foreign)
    }

    pub(super) fn set(&mut self, key: Bytes, value: Value, expires: Option<Duration>) {
        self.0.insert(key, Slot { value, expires });
    }

    /// Makes it live until `expires`, if it would end before.
    pub(super) fn extend(&mut self, key: &[u8], expires: Duration) {
        if let Some(slot) = self.0.get_mut(key) {
            slot.expires = slot.expires.map(|before| before.max(expires));
        }
    }

    pub(super) fn remove(&mut self, key: &[u8]) -> bool {
        self.0.remove(key).is_some()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The keys that are there.
    pub(super) fn keys(&self, now: Duration) -> Vec<Bytes> {
        let there = |key: &&Bytes| self.get(key, now).is_some();
        self.0.keys().filter(there).cloned().collect()
    }
}
