//! The keys that are being loaded.

use std::hash::BuildHasher;
use std::sync::PoisonError;

use crate::sync::{Mutex, MutexGuard};

use super::shard::{Build, Shard};

const SHARDS: usize = 64;

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

    pub(super) fn shard(&self, key: &[u8]) -> MutexGuard<'_, Shard<V>> {
        let at = self.hasher.hash_one(key) as usize % SHARDS;
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
