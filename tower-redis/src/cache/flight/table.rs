//! The keys that are being loaded.

use std::hash::BuildHasher;
use std::sync::PoisonError;

use crate::sync::{Mutex, MutexGuard};

use super::name::Name;
use super::shard::{Build, Shard};

const SHARDS: usize = 64;
/// Where the bits of a hash begin that say which shard.
const MIDDLE: u32 = 40;

/// One record for each key, in shards with a lock each.
#[derive(Debug)]
pub(super) struct Table<V> {
    shards: Box<[Mutex<Shard<V>>]>,
    hasher: Build,
}

impl<V> Table<V> {
    pub(super) fn new() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: Build::default(),
        }
    }

    /// `key` as a shard looks it up.
    pub(super) fn name<'k>(&self, key: &'k [u8]) -> Name<'k> {
        let hash = self.hasher.hash_one(key);
        Name { key, hash }
    }

    pub(super) fn shard(&self, name: Name<'_>) -> MutexGuard<'_, Shard<V>> {
        // a shard looks at the lowest and the highest bits
        let at = (name.hash >> MIDDLE) as usize % SHARDS;
        lock(&self.shards[at])
    }

    /// Every shard, one after the other.
    pub(super) fn shards(&self) -> impl Iterator<Item = MutexGuard<'_, Shard<V>>> {
        self.shards.iter().map(lock)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
