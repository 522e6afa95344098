//! What a cache has done so far.

use std::time::Duration;

use crate::telemetry::Counter;

#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) near_hits: Counter,
    pub(crate) far_hits: Counter,
    pub(crate) stale_hits: Counter,
    pub(crate) suspect_hits: Counter,
    pub(crate) misses: Counter,
    /// Lookups counted as misses that turned out to be hits: in Redis, or stale ones.
    pub(crate) found_after_all: Counter,
    pub(crate) coalesced: Counter,
    pub(crate) loads: Counter,
    pub(crate) failed_loads: Counter,
    pub(crate) load_nanos: Counter,
    pub(crate) refreshes: Counter,
    pub(crate) refused_fills: Counter,
    pub(crate) bypassed: Counter,
    pub(crate) undecodable: Counter,
    pub(crate) unwritable: Counter,
    pub(crate) far_failures: Counter,
    pub(crate) evictions: Counter,
}

/// A snapshot of one cache's counters since it was built.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CacheStats {
    /// The cache's name.
    pub name: String,
    /// Lookups answered by a fresh entry in this process.
    pub near_hits: u64,
    /// Lookups answered by an entry in Redis, which is in this process from then on.
    pub far_hits: u64,
    /// Lookups answered by an entry that had expired, while it was loaded anew or because that failed.
    pub stale_hits: u64,
    /// Lookups answered by an entry in this process that may have been invalidated elsewhere, because
    /// Redis did not answer; see `CACHE_OUTAGE_GRACE` in [`config`](crate::config).
    pub suspect_hits: u64,
    /// Lookups that found nothing usable, whether they loaded or waited.
    pub misses: u64,
    /// Misses that got what another call's load brought.
    pub coalesced: u64,
    /// Loads that were run, refreshes included.
    pub loads: u64,
    /// Loads that brought nothing to keep: an error, a panic, or `None`.
    pub failed_loads: u64,
    /// Loads behind the back of their callers: of what was stale, or was to be soon.
    pub refreshes: u64,
    /// Time spent in loads.
    pub load_time: Duration,
    /// Loads whose result was not stored because an invalidation, or the load of another process, came
    /// first.
    pub refused_fills: u64,
    /// Lookups while caching was off, or that went by it.
    pub bypassed: u64,
    /// Entries in Redis that could not be read as a value of this cache.
    pub undecodable: u64,
    /// Tokens that Redis had lost, by eviction for instance: entries that carry them are not used any more, and
    /// loaded again. They are those of the cache and of tags which a call of this process found missing and
    /// made anew, although it had used them within the hour before, or found an entry that carries them: a
    /// token ends by itself no earlier than that. Each is counted once, by the process that made it anew.
    pub lost_tokens: u64,
    /// Values that could not be written in the form they have to travel in; they stayed in this process.
    pub unwritable: u64,
    /// Questions to Redis that were not answered, or answered with an error.
    pub far_failures: u64,
    /// Values that left this process, or never were there, because there was no room for them.
    pub evictions: u64,
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
        self.far_hits += other.far_hits;
        self.stale_hits += other.stale_hits;
        self.suspect_hits += other.suspect_hits;
        self.misses += other.misses;
        self.coalesced += other.coalesced;
        self.loads += other.loads;
        self.failed_loads += other.failed_loads;
        self.refreshes += other.refreshes;
        self.load_time += other.load_time;
        self.refused_fills += other.refused_fills;
        self.bypassed += other.bypassed;
        self.undecodable += other.undecodable;
        self.lost_tokens += other.lost_tokens;
        self.unwritable += other.unwritable;
        self.far_failures += other.far_failures;
        self.evictions += other.evictions;
        self.entries += other.entries;
        self.weight += other.weight;
        self.loading += other.loading;
    }

    /// Hits, wherever they were, among all lookups; 0 before the first lookup.
    #[must_use]
    pub fn hit_rate(&self) -> f64 {
        let hits = self.near_hits + self.far_hits + self.stale_hits + self.suspect_hits;
        let lookups = hits + self.misses;
        if lookups == 0 {
            0.0
        } else {
            hits as f64 / lookups as f64
        }
    }
}
