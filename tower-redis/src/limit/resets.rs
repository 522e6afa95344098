//! Keys that were reset, so that what was charged before is not given back out of what was charged since.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Which resets a charge comes after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Age(u64);

/// The resets of one limiter in this process. A key is remembered for as long as what it was charged before could still
/// be given back: until all of its quota has come back by itself.
#[derive(Default)]
pub(super) struct Resets {
    made: AtomicU64,
    keys: Mutex<HashMap<Box<[u8]>, Reset, foldhash::fast::RandomState>>,
}

struct Reset {
    number: u64,
    at: u64,
}

impl Resets {
    /// That of a charge that is made now.
    pub(super) fn age(&self) -> Age {
        Age(self.made.load(Ordering::Acquire))
    }

    /// `key` is reset at `now`; it is remembered for `window`.
    pub(super) fn note(&self, key: &[u8], now: u64, window: u64) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.retain(|_, reset| now.saturating_sub(reset.at) <= window);
        let number = self.made.fetch_add(1, Ordering::AcqRel) + 1;
        keys.insert(key.into(), Reset { number, at: now });
    }

    /// Whether `key` was reset after a charge of this age.
    pub(super) fn is_past(&self, key: &[u8], charge: Age) -> bool {
        if self.age() == charge {
            return false;
        }
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.get(key).is_some_and(|reset| reset.number > charge.0)
    }
}

// keys may be secrets
impl fmt::Debug for Resets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resets").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_charged_before_is_past() {
        let resets = Resets::default();
        let before = resets.age();
        assert!(!resets.is_past(b"ada", before));
        resets.note(b"ada", 0, 10);
        let between = resets.age();
        assert!(resets.is_past(b"ada", before));
        assert!(!resets.is_past(b"ada", between));
        assert!(!resets.is_past(b"grace", before));
        // what was charged so long ago has come back by itself
        resets.note(b"grace", 11, 10);
        assert!(!resets.is_past(b"ada", before));
        assert!(resets.is_past(b"grace", between));
    }
}
