//! What the clones of an engine share, and what can be done to it without being one of them.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::registry::Reports;
use crate::sync::AtomicU64;

use super::calm::Calm;
use super::event::Leaving;
use super::failures::Failures;
use super::far::Far;
#[cfg(any(test, feature = "testing"))]
use super::fault::CacheFault;
use super::flight::Flights;
use super::hold::Hold;
use super::premises::Epoch;
use super::stats::{CacheStats, Counts};
use super::sweep::Sweep;
use super::terms::{ChangedTtl, Parts};

/// What the clones of an engine share.
pub(crate) struct Core<V: Hold> {
    pub(super) parts: Parts<V>,
    pub(super) flights: Flights<V>,
    pub(super) epoch: AtomicU64,
    pub(super) counts: Counts,
    pub(super) failures: Failures,
    pub(super) sweep: Sweep,
    pub(super) calm: Calm,
    pub(super) changed_ttl: ChangedTtl,
}

impl<V: Hold> Core<V> {
    #[inline]
    pub(super) fn epoch(&self) -> Epoch {
        Epoch(self.epoch.load(Ordering::Acquire))
    }

    #[inline]
    pub(super) fn far(&self) -> Option<&Far<V>> {
        self.parts.far.as_ref()
    }

    /// Whether anything is of use once it is stale.
    pub(super) fn keeps_stale(&self) -> bool {
        !self.parts.freshness.windows.longest().is_zero()
    }

    pub(super) fn drop_near(&self, key: &[u8]) -> usize {
        let gone = self.flights.exclude(key, || self.parts.near.remove(key));
        self.failures.forget(key);
        if let Some(gone) = &gone {
            self.left(key, gone, Leaving::Removed);
        }
        usize::from(gone.is_some())
    }

    /// Makes what there is for `key` stale; loads of it that are under way will not be stored.
    pub(super) fn expire_near(&self, key: &[u8]) -> usize {
        let now = self.parts.clock.coarse();
        let near = &self.parts.near;
        // what it replaces is dropped once the lock is let go
        let expired = self.flights.exclude(key, || {
            let entry = near.peek(key)?;
            #[cfg(any(test, feature = "testing"))]
            if CacheFault::ExpiredStaysFresh.is_committed() {
                return None;
            }
            Some(near.insert(key, entry.expired(now)))
        });
        self.failures.forget(key);
        usize::from(expired.is_some())
    }

    pub(super) fn drop_matching(&self, matches: impl Fn(&[u8]) -> bool) -> usize {
        self.flights.exclude_matching(&matches);
        self.failures.forget_matching(&matches);
        let keys = self.parts.near.keys_matching(&matches);
        keys.iter().map(|key| self.drop_near(&key.written())).sum()
    }

    pub(super) fn drop_all(&self) -> usize {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        let mut gone = 0;
        for (key, entry) in self.parts.near.drain() {
            self.left(&key.written(), &entry, Leaving::Cleared);
            gone += 1;
        }
        gone
    }
}

impl<V: Hold> Reports<CacheStats> for Core<V> {
    fn stats(&self) -> CacheStats {
        let counts = &self.counts;
        CacheStats {
            name: self.parts.name.to_string(),
            near_hits: counts.near_hits.total(),
            far_hits: counts.far_hits.total(),
            stale_hits: counts.stale_hits.total(),
            suspect_hits: counts.suspect_hits.total(),
            misses: counts
                .misses
                .total()
                .saturating_sub(counts.found_after_all.total()),
            coalesced: counts.coalesced.total(),
            loads: counts.loads.total(),
            failed_loads: counts.failed_loads.total(),
            refreshes: counts.refreshes.total(),
            load_time: Duration::from_nanos(counts.load_nanos.total()),
            refused_fills: counts.refused_fills.total(),
            bypassed: counts.bypassed.total(),
            undecodable: counts.undecodable.total(),
            lost_tokens: self.far().map_or(0, Far::lost_tokens),
            unwritable: counts.unwritable.total(),
            far_failures: counts.far_failures.total(),
            evictions: counts.evictions.total(),
            entries: self.parts.near.len(),
            weight: self.parts.near.weight(),
            loading: self.flights.under_way(),
        }
    }
}
