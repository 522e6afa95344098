//! What a toolkit has done so far.

use crate::cache::CacheStats;

/// A snapshot of everything a toolkit counts.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Its caches, by name: named ones, those of functions and of the HTTP layer.
    pub caches: Vec<CacheStats>,
}
