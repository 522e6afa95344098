//! The caches of one toolkit whose keys can be told from outside: as they lie in Redis, or would.

use std::fmt;
use std::sync::{Mutex, PoisonError, Weak};

use crate::store::Pattern;

use super::removes::Removes;

/// Holds caches weakly: one that nobody uses any more is gone.
#[derive(Default)]
pub(crate) struct Caches(Mutex<Vec<Listed>>);

struct Listed {
    /// What stands before each of its keys.
    prefix: Box<[u8]>,
    cache: Weak<dyn Removes>,
}

impl Caches {
    pub(crate) fn add(&self, prefix: &[u8], cache: Weak<dyn Removes>) {
        let mut listed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        listed.retain(|listed| listed.cache.strong_count() > 0);
        let prefix = prefix.into();
        listed.push(Listed { prefix, cache });
    }

    /// Removes what `pattern` means from this process; loads of it that are under way will not be stored.
    /// Answers how many entries went.
    pub(crate) fn drop_matching(&self, pattern: &Pattern) -> usize {
        let alive: Vec<_> = {
            let listed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let alive = listed.iter();
            alive
                .filter_map(|listed| Some((listed.prefix.clone(), listed.cache.upgrade()?)))
                .collect()
        };
        // dropping entries, or the last reference to a cache, runs code of the user's
        let caches = alive.iter();
        caches
            .map(|(prefix, cache)| cache.drop_spelled(prefix, pattern))
            .sum()
    }
}

impl fmt::Debug for Caches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caches").finish_non_exhaustive()
    }
}
