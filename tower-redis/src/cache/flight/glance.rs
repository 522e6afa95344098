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
/// Nothing is written down of it: it ends with any invalidation of a key in the same shard. Those are few while somebody
/// looks, and what is not kept then is found again.
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
    fn premises(&self) -> &Premises {
        &self.premises
    }

    fn key(&self) -> &[u8] {
        self.name.key
    }

    fn fill(self, near: &Near<V>, entry: Entry<V>, may: bool) -> Option<Evicted<V>> {
        let shard = self.table.shard(self.name);
        let allowed = may && shard.broken() == self.broken;
        allowed.then(|| near.insert(self.name.key, entry))
    }
}
