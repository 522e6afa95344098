//! The right to fill, of who only looks.

use crate::cache::entry::Entry;
use crate::cache::hold::Hold;
use crate::cache::near::{Evicted, Near};
use crate::cache::premises::Premises;

use super::name::Name;
use super::permit::Fills;
use super::table::Table;

/// The right to fill a key with what is found elsewhere, without a load that others could join.
///
/// Nothing is written down of it: it ends with the next invalidation of any key of its shard, one in 64 of the cache, or
/// by a pattern that may mean one. So what is found may not be kept although nobody invalidated it: with `w` such ends in
/// a second (an invalidation of this process's is two) and an answer that takes `r`, in `1 - exp(-w r / 64)` of all
/// looks. Then it is found there again.
#[derive(Debug)]
pub(crate) struct Glance<'a, V> {
    table: &'a Table<V>,
    name: Name<'a>,
    broken: u64,
    premises: Premises,
}

impl<'a, V> Glance<'a, V> {
    pub(super) fn at(table: &'a Table<V>, key: &'a [u8], premises: Premises) -> Self {
        let name = table.name(key);
        let broken = table.shard(name).broken();
        Self {
            table,
            name,
            broken,
            premises,
        }
    }
}

impl<V: Hold> Fills<V> for Glance<'_, V> {
    const LOADS: bool = false;

    fn premises(&self) -> &Premises {
        &self.premises
    }

    fn key(&self) -> &[u8] {
        self.name.key
    }

    fn fill(self, near: &Near<V>, entry: Entry<V>, may: bool) -> Option<Evicted<V>> {
        let shard = self.table.shard(self.name);
        if may && shard.broken() == self.broken {
            return Some(near.insert(self.name.key, entry));
        }
        // what was found is dropped after it
        drop(shard);
        None
    }
}
