//! The caches of one toolkit, so that it can tell what they have done.

use std::sync::{Mutex, PoisonError, Weak};

use super::stats::CacheStats;

/// Something that counts what it does.
pub(crate) trait Reports: Send + Sync {
    fn stats(&self) -> CacheStats;
}

/// Holds caches weakly: one that nobody uses any more is gone.
#[derive(Default)]
pub(crate) struct Registry(Mutex<Vec<Weak<dyn Reports>>>);

impl Registry {
    pub(crate) fn add(&self, cache: Weak<dyn Reports>) {
        let mut caches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        caches.retain(|known| known.strong_count() > 0);
        caches.push(cache);
    }

    /// One line a cache, by name.
    pub(crate) fn stats(&self) -> Vec<CacheStats> {
        let caches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let alive: Vec<_> = caches.iter().filter_map(Weak::upgrade).collect();
        drop(caches);
        let mut stats: Vec<_> = alive.iter().map(|cache| cache.stats()).collect();
        stats.sort_by(|a, b| a.name.cmp(&b.name));
        stats
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").finish_non_exhaustive()
    }
}
