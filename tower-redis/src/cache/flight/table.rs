//! The keys that are being loaded.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hashbrown::HashMap;

use crate::cache::entry::{Epoch, Premises};
use crate::cache::lineage::Node;
use crate::clock::Moment;
use crate::key::Key;

use super::outcome::{Follower, Told};

const SHARDS: usize = 64;

/// How old a flight may be that is joined while nobody knows what others do: as much as the feed may be behind.
const UNHEARD: Duration = Duration::from_secs(2);

type Build = foldhash::fast::RandomState;
pub(super) type Shard<V> = HashMap<Key, Record<V>, Build>;

/// One record for each key, in shards with a lock each.
#[derive(Debug)]
pub(super) struct Table<V> {
    shards: Box<[Mutex<Shard<V>>]>,
    hasher: Build,
}

/// The loads of one key that may still fill.
#[derive(Debug)]
pub(super) struct Record<V> {
    pub(super) fence: Fence,
    pub(super) leader: Option<Leader<V>>,
    pub(super) permits: usize,
}

/// Tells the permits of a record whether it is still theirs. Broken under the shard's lock only; an
/// atomic so that they can share it without another one.
#[derive(Debug, Clone, Default)]
pub(super) struct Fence(Arc<AtomicBool>);

/// The load that others wait for.
#[derive(Debug)]
pub(super) struct Leader<V> {
    pub(super) node: Arc<Node>,
    pub(super) premises: Premises,
    pub(super) began: Moment,
    pub(super) outcome: Told<V>,
}

/// The present, for a caller that would join a flight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Present {
    pub(crate) epoch: Epoch,
    pub(crate) at: Moment,
    /// Whether everything that others do is heard of.
    pub(crate) hears: bool,
}

impl Fence {
    pub(super) fn is_broken(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn shatter(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl<V> Leader<V> {
    /// Whether a caller who rests on `premises` may have what it will bring: nothing that concerns it has happened
    /// since it began, or may have without being heard of.
    pub(super) fn suits(&self, premises: &Premises, present: Present) -> bool {
        self.premises.hold(present.epoch)
            && self.premises.feed == premises.feed
            && (present.hears || present.at.since(self.began) < UNHEARD)
    }

    /// `None` when the caller is itself what this load waits for.
    pub(super) fn follow(&self) -> Option<Follower<V>> {
        Some(Follower {
            _waiting: self.node.wait()?,
            outcome: self.outcome.clone(),
        })
    }
}

impl<V> Table<V> {
    pub(super) fn new() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: Build::default(),
        }
    }

    pub(super) fn shard(&self, key: &[u8]) -> MutexGuard<'_, Shard<V>> {
        let at = self.hasher.hash_one(key) as usize % SHARDS;
        lock(&self.shards[at])
    }

    /// Every shard, one after the other.
    pub(super) fn shards(&self) -> impl Iterator<Item = MutexGuard<'_, Shard<V>>> {
        self.shards.iter().map(lock)
    }
}

/// Takes the record of `key` out of the table, so that none of its loads may fill any more.
pub(super) fn shatter<V>(shard: &mut Shard<V>, key: &[u8]) {
    if let Some(record) = shard.remove(key) {
        record.fence.shatter();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
