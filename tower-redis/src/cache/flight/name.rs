//! A key as the records of a shard are looked up by it.

use crate::key::{Key, same};

/// A key, and the hash that all who look it up have in common: it is made once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name<'a> {
    pub(super) key: &'a [u8],
    pub(super) hash: u64,
}

impl Name<'_> {
    pub(super) fn is(self, key: &Key) -> bool {
        same(key.as_bytes(), self.key)
    }
}
