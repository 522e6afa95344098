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
    /// Its calls to the Redis of `REDIS_URL`; `None` when that is not set.
    pub redis: Option<RedisStats>,
    /// Those to the Redis that caches have for themselves; `None` when `CACHE_REDIS_URL` is not set.
    pub cache_redis: Option<RedisStats>,
}
