//! What a cache has done so far.

use std::time::Duration;

use crate::telemetry::Counter;

#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) near_hits: Counter,
    pub(crate) misses: Counter,
    pub(crate) coalesced: Counter,
    pub(crate) loads: Counter,
    pub(crate) failed_loads: Counter,
    pub(crate) load_nanos: Counter,
    pub(crate) refused_fills: Counter,
    pub(crate) bypassed: Counter,
}

/// A snapshot of one cache's counters since it was built.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CacheStats {
    /// The cache's name.
    pub name: String,
    /// Lookups answered by a fresh entry in this process.
    pub near_hits: u64,
    /// Lookups that found nothing usable, whether they loaded or waited.
    pub misses: u64,
    /// Misses that got what another call's load brought.
    pub coalesced: u64,
    /// Loads that were run, refreshes included.
    pub loads: u64,
    /// Loads that brought nothing to keep: an error, or `None`.
    pub failed_loads: u64,
    /// Time spent in loads.
    pub load_time: Duration,
    /// Loads whose result was not stored because an invalidation came first.
    pub refused_fills: u64,
    /// Lookups while caching was off.
    pub bypassed: u64,
    /// Entries in this process now.
    pub entries: usize,
    /// Their weight: entries, or bytes when the cache is bounded by bytes.
    pub weight: u64,
    /// Keys being loaded now.
    pub loading: usize,
}

impl CacheStats {
    /// Adds what another cache of the same name has done.
    pub(crate) fn add(&mut self, other: &Self) {
        self.near_hits += other.near_hits;
        self.misses += other.misses;
        self.coalesced += other.coalesced;
        self.loads += other.loads;
        self.failed_loads += other.failed_loads;
        self.load_time += other.load_time;
        self.refused_fills += other.refused_fills;
        self.bypassed += other.bypassed;
        self.entries += other.entries;
        self.weight += other.weight;
        self.loading += other.loading;
    }

    /// `near_hits / (near_hits + misses)`; 0 before the first lookup.
    #[must_use]
    pub fn hit_rate(&self) -> f64 {
        let lookups = self.near_hits + self.misses;
        if lookups == 0 {
            0.0
        } else {
            self.near_hits as f64 / lookups as f64
        }
    }
}
