//! Whose bans are being told to Redis.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many are told at once; those beyond are with their next denials.
const MOST: usize = 1_024;

/// The keys of one policy whose bans are on their way.
#[derive(Debug, Clone, Default)]
pub(super) struct Telling(Arc<Mutex<HashSet<Arc<[u8]>>>>);

/// One of them, until this is dropped: also when what tells it is.
pub(super) struct Told {
    telling: Telling,
    pub(super) key: Arc<[u8]>,
}

impl Telling {
    /// Begins with `key`, unless that is on its way, or too many are.
    pub(super) fn begin(&self, key: &[u8]) -> Option<Told> {
        let mut keys = self.keys();
        if keys.len() >= MOST || keys.contains(key) {
            return None;
        }
        let key: Arc<[u8]> = key.into();
        keys.insert(Arc::clone(&key));
        drop(keys);
        let telling = self.clone();
        Some(Told { telling, key })
    }

    fn keys(&self) -> MutexGuard<'_, HashSet<Arc<[u8]>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.telling.keys().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_once_at_a_time_and_again_when_it_was_given_up() {
        let telling = Telling::default();
        let told = telling.begin(b"ada").unwrap();
        assert!(telling.begin(b"ada").is_none());
        assert!(telling.begin(b"bob").is_some());
        drop(told);
        assert!(telling.begin(b"ada").is_some());
    }

    #[test]
    fn no_more_are_told_than_there_is_room_for() {
        let telling = Telling::default();
        let key = |n: usize| n.to_le_bytes();
        let mut told: Vec<_> = (0..MOST).filter_map(|n| telling.begin(&key(n))).collect();
        assert_eq!(told.len(), MOST);
        assert!(telling.begin(&key(MOST)).is_none());
        told.pop();
        assert!(telling.begin(&key(MOST)).is_some());
    }
}
