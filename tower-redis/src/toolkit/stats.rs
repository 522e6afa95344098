//! What a toolkit has done so far.

use crate::cache::CacheStats;
use crate::health::RedisStats;
use crate::limit::LimiterStats;

/// A snapshot of everything a toolkit counts.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Its caches, those of functions and of the HTTP layer included, in the order in which they were
    /// made.
    pub caches: Vec<CacheStats>,
    /// Its limiters, those of layers included, in the order in which they were made.
    pub limiters: Vec<LimiterStats>,
    /// Its calls to Redis; `None` when no setting names one.
    pub redis: Option<RedisStats>,
}
