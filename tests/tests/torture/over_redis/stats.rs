//! What was counted.

use serde::{Deserialize, Serialize};
use tower_redis::cache::CacheStats;

/// What the cache of a process counted.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Stats {
    pub(super) lookups: u64,
    pub(super) lost_tokens: u64,
    refused_fills: u64,
    far_failures: u64,
}

impl Stats {
    pub(super) fn of(stats: &CacheStats) -> Self {
        Self {
            lookups: stats.near_hits + stats.far_hits + stats.suspect_hits + stats.misses,
            lost_tokens: stats.lost_tokens,
            refused_fills: stats.refused_fills,
            far_failures: stats.far_failures,
        }
    }

    /// Adds those of another process.
    pub(super) fn add(&mut self, other: &Self) {
        self.lookups += other.lookups;
        self.lost_tokens += other.lost_tokens;
        self.refused_fills += other.refused_fills;
        self.far_failures += other.far_failures;
    }
}
