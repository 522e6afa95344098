//! The near tier: typed values in this process, bounded by entries or by bytes.
//!
//! A concurrent cache with the Clock-PRO family of eviction (`quick_cache`) holds entries in place.
//! Nothing of the user's runs under its locks: weights are taken before, values are dropped after, and what
//! is copied meanwhile is [`Held`](super::hold::Hold).

use quick_cache::sync::Cache as Quick;
use quick_cache::{Lifecycle, OptionsBuilder, Weighter};

use crate::error::Error;
use crate::key::{Key, Sought};
use crate::sync::switch;

use super::entry::Entry;

type Build = foldhash::fast::RandomState;
type Store<V> = Quick<Key, Entry<V>, EntryWeight, Build, Evictions>;

/// How much a near tier holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    Entries(u64),
    Bytes(u64),
}

#[derive(Debug)]
pub(crate) struct Near<V>(Store<V>);

/// What left the tier; dropped by the caller once it holds no lock.
#[must_use]
pub(crate) struct Evicted<V>(Left<V>);

type Left<V> = smallvec::SmallVec<[(Key, Entry<V>); 2]>;

#[derive(Debug, Clone)]
struct EntryWeight;

impl<V> Weighter<Key, Entry<V>> for EntryWeight {
    fn weight(&self, _: &Key, entry: &Entry<V>) -> u64 {
        entry.weight()
    }
}

#[derive(Debug, Clone)]
struct Evictions;

impl<V> Lifecycle<Key, Entry<V>> for Evictions {
    type RequestState = Left<V>;

    fn on_evict(&self, left: &mut Left<V>, key: Key, entry: Entry<V>) {
        left.push((key, entry));
    }
}

impl<V: Clone> Near<V> {
    /// `heaviest` is what one entry may weigh at least and still be held, as far as the bound allows;
    /// 0 when all are light.
    pub(crate) fn new(bound: Bound, heaviest: u64) -> Result<Self, Error> {
        // A guess at the size of an entry; it sizes shards and the memory of what was evicted.
        const TYPICAL_BYTES: u64 = 512;
        const SMALL: u64 = 64;
        let (weight, items) = match bound {
            Bound::Entries(entries) => (entries, entries),
            Bound::Bytes(bytes) => (bytes, (bytes / TYPICAL_BYTES).max(1)),
        };
        let mut options = OptionsBuilder::new();
        options
            .weight_capacity(weight)
            .estimated_items_capacity(usize::try_from(items).unwrap_or(usize::MAX));
        if items <= SMALL {
            // the part reserved for newcomers would round up to whole entries
            options.shards(1).hot_allocation(1.0);
        } else if heaviest > 0 {
            options.shards(shards_for(weight, heaviest));
        }
        let options = options
            .build()
            .map_err(|why| Error::config("the near tier could not be built").because(why))?;
        let store = Quick::with_options(options, EntryWeight, Build::default(), Evictions);
        Ok(Self(store))
    }

    #[inline]
    pub(crate) fn get(&self, key: &[u8]) -> Option<Entry<V>> {
        switch();
        self.0.get(&Sought(key))
    }

    /// Looks without telling the eviction policy.
    pub(crate) fn peek(&self, key: &[u8]) -> Option<Entry<V>> {
        switch();
        self.0.peek(&Sought(key))
    }

    pub(crate) fn insert(&self, key: Key, entry: Entry<V>) -> Evicted<V> {
        switch();
        let mut left = Left::new();
        self.0.insert_with_lifecycle(key, entry, &mut left);
        Evicted(left)
    }

    pub(crate) fn remove(&self, key: &[u8]) -> Option<Entry<V>> {
        switch();
        self.0.remove(&Sought(key)).map(|(_, entry)| entry)
    }

    /// Removes the entry of `key` if it is still one that is to go.
    pub(crate) fn remove_if(
        &self,
        key: &[u8],
        is_to_go: impl FnOnce(&Entry<V>) -> bool,
    ) -> Option<Entry<V>> {
        switch();
        self.0
            .remove_if(&Sought(key), is_to_go)
            .map(|(_, entry)| entry)
    }

    /// Everything, one after the other, without telling the eviction policy.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key, Entry<V>)> {
        self.0.iter()
    }

    /// Whether there is little room left.
    pub(crate) fn is_nearly_full(&self) -> bool {
        self.0.weight() >= self.0.capacity() / 8 * 7
    }

    pub(crate) fn keys_matching(&self, matches: impl Fn(&[u8]) -> bool) -> Vec<Key> {
        let keys = self.0.iter().map(|(key, _)| key);
        keys.filter(|key| matches(key.as_bytes())).collect()
    }

    /// Removes everything, one entry at a time, so that no value is dropped under a lock.
    pub(crate) fn drain(&self) -> usize {
        switch();
        self.0.drain().count()
    }

    /// The weight up to which an entry can be held: what a shard has for entries that have proved
    /// useful.
    #[cfg(any(test, feature = "http-cache"))]
    pub(crate) fn heaviest(&self) -> u64 {
        const HOT_PERCENT: u64 = 97;
        self.0.shard_capacity() / 100 * HOT_PERCENT
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn weight(&self) -> u64 {
        self.0.weight()
    }
}

/// As many shards as the cores can use, unless entries of weight `heaviest` would not fit a few times
/// into each.
fn shards_for(weight: u64, heaviest: u64) -> usize {
    const PER_CORE: usize = 4;
    const FIT: u64 = 4;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let fit = weight / heaviest.saturating_mul(FIT);
    let shards = usize::try_from(fit).unwrap_or(usize::MAX);
    // the number is rounded up to a power of two
    let rounded_down = shards.checked_ilog2().map_or(1, |log| 1 << log);
    rounded_down.min(cores.saturating_mul(PER_CORE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heavy_entries_have_room() {
        const MIB: u64 = 1 << 20;
        for (bound, heaviest) in [(64, 1), (64, 60), (1_024, 1), (8, 8)] {
            let near = Near::<()>::new(Bound::Bytes(bound * MIB), heaviest * MIB).unwrap();
            let room = near.heaviest();
            assert!(
                room >= heaviest * MIB / 100 * 97,
                "{bound} {heaviest}: {room}"
            );
        }
        assert_eq!(
            shards_for(64 * MIB, MIB + MIB / 4),
            8.min(shards_for(u64::MAX / 8, 1))
        );
    }
}
