//! The near tier: typed values in this process, bounded by entries or by bytes.
//!
//! A concurrent cache with the Clock-PRO family of eviction (`quick_cache`) holds entries in place.
//! Nothing of the user's runs under its locks: weights are taken before, values are dropped after, and what
//! is copied meanwhile is [`Hold`](crate::cache::hold::Hold).

use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use quick_cache::sync::Cache as Quick;
use quick_cache::{Lifecycle, OptionsBuilder, Weighter};
use smallvec::SmallVec;

use crate::cache::entry::Entry;
use crate::cache::event::Leaving;
use crate::error::Error;
use crate::key::{Filed, Form, Sought};
use crate::sync::switch;

use super::shards::{at_once, shards_for, shards_of};

/// Which part a key is in, and so how much of the room is used, hangs on some bits in the middle. `fast` leaves these
/// uneven for short texts, so badly under some seeds that a quarter of the room stays empty.
type Build = foldhash::quality::RandomState;
type Store<V> = Quick<Filed, Entry<V>, EntryWeight, Build, Evictions<V>>;

/// How much a near tier holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    Entries(u64),
    Bytes(u64),
}

#[derive(Debug)]
pub(crate) struct Near<V> {
    store: Arc<Store<V>>,
    spill: Arc<Spill<V>>,
}

/// What left the tier, and why; told and dropped by the caller once it holds no lock.
pub(crate) type Evicted<V> = SmallVec<[(Filed, Entry<V>, Leaving); 2]>;

#[derive(Debug, Clone)]
struct EntryWeight;

impl<V> Weighter<Filed, Entry<V>> for EntryWeight {
    fn weight(&self, _: &Filed, entry: &Entry<V>) -> u64 {
        entry.weight()
    }
}

/// What left when the bound was changed, which the tier tells nobody. Whoever changes it takes all there is, be it
/// of another change that goes on beside it.
#[derive(Debug)]
struct Spill<V>(Mutex<Vec<(Filed, Entry<V>)>>);

#[derive(Debug)]
struct Evictions<V>(Arc<Spill<V>>);

impl<V> Clone for Evictions<V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// What left during one insertion; or during what the tier does by itself, which makes the default.
struct Left<V> {
    /// Each with whether it was chosen to go, and not replaced.
    entries: SmallVec<[(Filed, Entry<V>, bool); 2]>,
    chosen: bool,
    /// Nobody looks at it afterwards.
    spills: bool,
}

impl<V> Default for Left<V> {
    fn default() -> Self {
        Self {
            entries: SmallVec::new(),
            chosen: false,
            spills: true,
        }
    }
}

impl<V> Left<V> {
    fn of_insertion() -> Self {
        Self {
            spills: false,
            ..Self::default()
        }
    }

    /// What was there for the key goes first. It is not chosen to; unless the new one is too heavy, which is
    /// chosen then before either of them goes.
    fn reasons(self) -> Evicted<V> {
        let rejected = self.entries.iter().skip(1).any(|(_, _, chosen)| !chosen);
        let entries = self.entries.into_iter().enumerate();
        entries
            .map(|(at, (key, entry, chosen))| {
                let replaced = at == 0 && (rejected || !chosen);
                let why = if replaced {
                    Leaving::Replaced
                } else {
                    Leaving::Capacity
                };
                (key, entry, why)
            })
            .collect()
    }
}

impl<V> Lifecycle<Filed, Entry<V>> for Evictions<V> {
    type RequestState = Left<V>;

    fn before_evict(&self, left: &mut Left<V>, _: &Filed, _: &mut Entry<V>) {
        left.chosen = true;
    }

    fn on_evict(&self, left: &mut Left<V>, key: Filed, entry: Entry<V>) {
        let chosen = mem::take(&mut left.chosen);
        if left.spills {
            self.0.lock().push((key, entry));
        } else {
            left.entries.push((key, entry, chosen));
        }
    }
}

impl<V> Spill<V> {
    fn lock(&self) -> MutexGuard<'_, Vec<(Filed, Entry<V>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        } else {
            options.shards(shards_of(items));
        }
        let options = options
            .build()
            .map_err(|why| Error::config("the near tier could not be built").because(why))?;
        let spill = Arc::new(Spill(Mutex::default()));
        let evictions = Evictions(Arc::clone(&spill));
        let store = Quick::with_options(options, EntryWeight, Build::default(), evictions);
        let store = Arc::new(store);
        Ok(Self { store, spill })
    }

    #[inline(always)]
    pub(crate) fn get(&self, key: Sought<'_>) -> Option<Entry<V>> {
        switch();
        match key.0 {
            Form::Number(number) => self.store.get(&number),
            Form::Bytes(bytes) => self.store.get(&bytes),
        }
    }

    /// Looks without telling the eviction policy.
    pub(crate) fn peek(&self, key: &[u8]) -> Option<Entry<V>> {
        switch();
        self.store.peek(&Sought::of(key))
    }

    pub(crate) fn insert(&self, key: impl Into<Filed>, entry: Entry<V>) -> Evicted<V> {
        switch();
        let mut left = Left::of_insertion();
        self.store
            .insert_with_lifecycle(key.into(), entry, &mut left);
        left.reasons()
    }

    pub(crate) fn remove(&self, key: &[u8]) -> Option<Entry<V>> {
        switch();
        self.store.remove(&Sought::of(key)).map(|(_, entry)| entry)
    }

    /// Removes the entry of `key` if it is still one that is to go.
    pub(crate) fn remove_if(
        &self,
        key: &[u8],
        is_to_go: impl FnOnce(&Entry<V>) -> bool,
    ) -> Option<Entry<V>> {
        switch();
        self.store
            .remove_if(&Sought::of(key), is_to_go)
            .map(|(_, entry)| entry)
    }

    /// Shows everything to `look`, a part of it at each poll, without telling the eviction policy.
    pub(crate) fn walk(
        &self,
        look: impl Fn(Filed, Entry<V>) + Send + 'static,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>>
    where
        V: Send + Sync + 'static,
    {
        let shards = self.store.capacity().div_ceil(self.store.shard_capacity());
        let at_once = at_once(self.len(), usize::try_from(shards).unwrap_or(usize::MAX));
        let store = Arc::clone(&self.store);
        Box::pin(async move {
            for (at, (key, entry)) in store.iter().enumerate() {
                if at > 0 && at % at_once == 0 {
                    pause().await;
                }
                look(key, entry);
            }
        })
    }

    /// Whether there is little room left.
    pub(crate) fn is_nearly_full(&self) -> bool {
        self.store.weight() >= self.store.capacity() / 8 * 7
    }

    pub(crate) fn keys_matching(&self, matches: impl Fn(&[u8]) -> bool) -> Vec<Filed> {
        let keys = self.store.iter().map(|(key, _)| key);
        keys.filter(|key| matches(&key.written())).collect()
    }

    /// Removes everything, one entry at a time, so that no value is dropped under a lock.
    pub(crate) fn drain(&self) -> impl Iterator<Item = (Filed, Entry<V>)> {
        switch();
        self.store.drain()
    }

    /// Changes how much it holds: entries or bytes, as it was.
    pub(crate) fn set_capacity(&self, weight: u64) -> Evicted<V> {
        self.store.set_capacity(weight);
        let spilled = mem::take(&mut *self.spill.lock()).into_iter();
        spilled
            .map(|(key, entry)| (key, entry, Leaving::Capacity))
            .collect()
    }

    /// The weight up to which an entry can be held: what a shard has for entries that have proved
    /// useful.
    #[cfg(any(test, feature = "http-cache"))]
    pub(crate) fn heaviest(&self) -> u64 {
        const HOT_PERCENT: u64 = 97;
        self.store.shard_capacity() / 100 * HOT_PERCENT
    }

    pub(crate) fn len(&self) -> usize {
        self.store.len()
    }

    pub(crate) fn weight(&self) -> u64 {
        self.store.weight()
    }
}

/// Is not there yet when it is polled for the first time.
async fn pause() {
    let mut paused = false;
    poll_fn(|_| {
        if mem::replace(&mut paused, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
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
    }

    /// Of eight parts of a tier each gets about an eighth of the keys, whatever they look like and whatever the seed.
    #[test]
    fn no_part_of_a_tier_stays_empty() {
        use std::hash::BuildHasher as _;
        const KEYS: u64 = 1_900;
        let forms: [fn(u64) -> Vec<u8>; 4] = [
            |key| key.to_string().into(),
            |key| format!("user:{key}").into(),
            |key| format!("user:profile:{key:07}").into(),
            |key| format!("{key:04}:{}", key % 7).into(),
        ];
        for _ in 0..300 {
            // each with a seed of its own
            let build = Build::default();
            let most = |hash: &dyn Fn(u64) -> u64| {
                let mut parts = [0_usize; 8];
                for key in 0..KEYS {
                    parts[hash(key).rotate_right(32) as usize % 8] += 1;
                }
                parts.into_iter().max().unwrap()
            };
            for form in forms {
                let most = most(&|key| build.hash_one(Sought::of(&form(key))));
                assert!(most < 330, "{most} of {KEYS} in one part");
            }
            for stride in [1, 3, 10, 1_000, 1_000_000] {
                let most = most(&|key| build.hash_one(Sought::number(key * stride)));
                assert!(most < 330, "{most} of {KEYS} in one part");
            }
        }
    }
}
