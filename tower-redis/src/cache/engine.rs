//! One cache as bytes to values: the near tier, the loads under way and the rules between them.
//!
//! [`Cache`](super::typed::Cache), the functions behind `#[cached]` and the HTTP cache are views of
//! this one engine.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::clock::{Clock, Moment};
use crate::key::Key;
use crate::registry::Reports;
use crate::tasks::Tasks;

use super::entry::{Entry, Epoch, Premises, Shared};
use super::flight::{Flights, Permit, Turn};
use super::near::Near;
use super::stats::{CacheStats, Counts};
use super::status::Invalidated;
use super::terms::{Call, Parts};

/// The engine of one cache. Clones share it.
pub(crate) struct Engine<V: Send + Sync + 'static>(Arc<Inner<V>>);

struct Inner<V: Send + Sync + 'static> {
    parts: Parts<V>,
    flights: Flights<V>,
    epoch: AtomicU64,
    counts: Counts,
}

impl<V: Send + Sync + 'static> Engine<V> {
    pub(crate) fn new(parts: Parts<V>) -> Self {
        Self(Arc::new(Inner {
            parts,
            flights: Flights::new(),
            epoch: AtomicU64::new(0),
            counts: Counts::default(),
        }))
    }

    pub(crate) fn name(&self) -> &str {
        &self.0.parts.name
    }

    pub(crate) fn enabled(&self) -> bool {
        self.0.parts.enabled
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.parts.clock
    }

    /// The time against which lifetimes are measured.
    pub(crate) fn now(&self) -> Moment {
        self.clock().coarse()
    }

    pub(crate) fn tasks(&self) -> &Tasks {
        &self.0.parts.tasks
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.0.counts
    }

    pub(crate) fn near(&self) -> &Near<V> {
        &self.0.parts.near
    }

    fn epoch(&self) -> Epoch {
        Epoch(self.0.epoch.load(Ordering::Acquire))
    }

    /// The usable entry for `key`, uncounted.
    pub(crate) fn find(&self, key: &[u8]) -> Option<Shared<V>> {
        self.find_or_leave(key, &mut None)
    }

    /// [`find`](Self::find) for callers who hold a lock: an entry that is not usable is left in
    /// `useless`, for them to drop later.
    fn find_or_leave(&self, key: &[u8], useless: &mut Option<Shared<V>>) -> Option<Shared<V>> {
        let entry = self.near().get(key)?;
        if entry.usable(self.clock().coarse(), self.epoch()) {
            return Some(entry);
        }
        *useless = Some(entry);
        None
    }

    /// The usable entry for `key`, counted as a hit. A miss is counted by whoever goes on to load.
    pub(crate) fn hit(&self, key: &[u8]) -> Option<Shared<V>> {
        let entry = self.find(key)?;
        self.0.counts.near_hits.bump();
        Some(entry)
    }

    /// What a load that begins now rests on.
    pub(crate) fn premises<T: AsRef<str>>(&self, tags: &[T]) -> Premises {
        // the epoch first: marks taken after a `clear` may be newer than it, never older
        Premises {
            epoch: self.epoch(),
            marks: self.0.parts.tags.mark(tags),
        }
    }

    /// The caller found nothing for `key`.
    pub(crate) fn join(&self, key: &[u8], premises: Premises) -> Turn<V> {
        let now = self.epoch();
        // what is found and of no use is dropped after the key's lock: its `Drop` is the user's
        let mut useless = None;
        let found = || self.find_or_leave(key, &mut useless);
        self.0.flights.join(key, premises, now, found)
    }

    #[cfg(feature = "http-cache")]
    /// [`join`](Self::join) for a caller whom not every entry helps: `helps` says which do. It runs
    /// under the key's lock.
    pub(crate) fn join_for(
        &self,
        key: &[u8],
        premises: Premises,
        helps: impl FnOnce(&V) -> bool,
    ) -> Turn<V> {
        let mut useless = None;
        let found = || {
            let entry = self.find_or_leave(key, &mut useless)?;
            if helps(&entry.value) {
                return Some(entry);
            }
            useless = Some(entry);
            None
        };
        self.0.flights.join(key, premises, self.epoch(), found)
    }

    /// A load of `key` beside whatever flight there is.
    pub(crate) fn permit(&self, key: &[u8], premises: Premises) -> Permit<V> {
        self.0.flights.permit(key, premises)
    }

    /// A load of `key` that those before it may not overwrite.
    #[cfg(feature = "macros")]
    pub(crate) fn permit_anew(&self, key: &[u8], premises: Premises) -> Permit<V> {
        self.0.flights.permit_anew(key, premises)
    }

    /// `value` as it would be stored, or `None` inside when its TTL leaves nothing to store.
    pub(crate) fn entry(
        &self,
        key: &[u8],
        value: V,
        ttl: Option<Duration>,
        premises: Premises,
    ) -> Shared<V> {
        let parts = &self.0.parts;
        let ttl = ttl.unwrap_or_else(|| parts.ttl.of(&value));
        Arc::new(Entry {
            weight: parts.weigh.of(key, &value),
            expires: self.now().after(ttl),
            premises,
            value,
        })
    }

    /// Ends a load that brought a value.
    pub(crate) fn fill(&self, permit: Permit<V>, entry: Shared<V>) {
        self.fill_with(permit, entry, |entry, _| Arc::clone(entry));
    }

    /// Ends a load: `merge` makes what is stored out of what it brought and what is there now. It runs
    /// under the key's lock.
    pub(crate) fn fill_with(
        &self,
        permit: Permit<V>,
        entry: Shared<V>,
        merge: impl FnOnce(&Shared<V>, Option<Shared<V>>) -> Shared<V>,
    ) {
        let (now, epoch) = (self.now(), self.epoch());
        // one that lived for no time was never meant to be stored
        let lives = now < entry.expires;
        let holds = permit.premises().hold(epoch);
        let stored = permit.fill(self.near(), entry, |entry, current| {
            let current = current.filter(|current| current.usable(now, epoch));
            (lives && holds).then(|| merge(entry, current))
        });
        if lives && !stored {
            self.0.counts.refused_fills.bump();
        }
    }

    /// Stores `value`; loads of the key that are under way will not overwrite it.
    pub(crate) fn put(&self, key: &[u8], value: V, call: &Call) {
        if !self.enabled() {
            return;
        }
        let premises = self.premises(&call.tags);
        let entry = self.entry(key, value, call.ttl, premises);
        let lives = self.now() < entry.expires;
        let gone = self.0.flights.exclude(key, || {
            let near = self.near();
            if lives {
                (None, Some(near.insert(Key::from(key), entry)))
            } else {
                (near.remove(key), None)
            }
        });
        drop(gone);
    }

    /// Removes `key`; loads of it that are under way will not be stored.
    pub(crate) fn invalidate(&self, key: &[u8]) -> Invalidated {
        let gone = self.0.flights.exclude(key, || self.near().remove(key));
        Invalidated::dropping(usize::from(gone.is_some()))
    }

    /// Removes every key that starts with `prefix`.
    pub(crate) fn invalidate_prefix(&self, prefix: &[u8]) -> Invalidated {
        self.0.flights.exclude_prefix(prefix);
        let keys = self.near().keys_with_prefix(prefix);
        let dropped = keys
            .iter()
            .map(|key| self.invalidate(key.as_bytes()).dropped);
        Invalidated::dropping(dropped.sum())
    }

    /// Makes every entry that carries one of `tags` unusable, in this and every other cache of the
    /// toolkit.
    pub(crate) fn invalidate_tags<T: AsRef<str>>(&self, tags: &[T]) -> Invalidated {
        self.0.parts.tags.invalidate(tags);
        Invalidated::default()
    }

    /// Removes everything.
    pub(crate) fn clear(&self) -> Invalidated {
        self.0.epoch.fetch_add(1, Ordering::Release);
        Invalidated::dropping(self.near().drain())
    }

    pub(crate) fn stats(&self) -> CacheStats {
        self.0.stats()
    }

    /// This engine as something to ask for its counts, without keeping it alive.
    pub(crate) fn reports(&self) -> Weak<dyn Reports<CacheStats>> {
        let weak: Weak<Inner<V>> = Arc::downgrade(&self.0);
        weak
    }
}

impl<V: Send + Sync + 'static> Reports<CacheStats> for Inner<V> {
    fn stats(&self) -> CacheStats {
        let counts = &self.counts;
        CacheStats {
            name: self.parts.name.to_string(),
            near_hits: counts.near_hits.total(),
            misses: counts.misses.total(),
            coalesced: counts.coalesced.total(),
            loads: counts.loads.total(),
            failed_loads: counts.failed_loads.total(),
            load_time: Duration::from_nanos(counts.load_nanos.total()),
            refused_fills: counts.refused_fills.total(),
            bypassed: counts.bypassed.total(),
            entries: self.parts.near.len(),
            weight: self.parts.near.weight(),
            loading: self.flights.under_way(),
        }
    }
}

impl<V: Send + Sync + 'static> Clone for Engine<V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<V: Send + Sync + 'static> fmt::Debug for Engine<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}
