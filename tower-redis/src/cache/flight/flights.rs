//! All loads of one cache: who joins whom, and who is shut out.

use std::sync::Arc;

use crate::cache::entry::{Premises, Shared};

use super::leader::Present;
use super::outcome::Follower;
use super::permit::Permit;
use super::table::Table;

/// All loads of one cache.
#[derive(Debug)]
pub(crate) struct Flights<V>(Arc<Table<V>>);

/// What joining the flight of a key turned out to be.
#[derive(Debug)]
pub(crate) enum Turn<V: Send + Sync + 'static> {
    /// A usable entry is there after all.
    Hit(Shared<V>),
    /// Load, then settle the permit; others are waiting for it.
    Lead(Permit<V>),
    /// Load alone: the flight there waits for the caller.
    Alone(Permit<V>),
    /// Another call is loading.
    Follow(Follower<V>),
}

impl<V: Send + Sync + 'static> Flights<V> {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Table::new()))
    }

    /// The caller found nothing usable for `key`: joins its flight or opens one.
    ///
    /// `recheck` looks into the near tier once more, under the lock that fills hold, so that a caller
    /// who missed just before a fill does not load again.
    pub(crate) fn join(
        &self,
        key: &[u8],
        premises: Premises,
        present: Present,
        recheck: impl FnOnce() -> Option<Shared<V>>,
    ) -> Turn<V> {
        let mut shard = self.0.shard(key);
        if let Some(leader) = shard.leader(key) {
            if leader.suits(&premises, present) {
                return match leader.follow() {
                    Some(follower) => Turn::Follow(follower),
                    None => Turn::Alone(Permit::attach(&self.0, &mut shard, key, premises)),
                };
            }
            // Begun before an invalidation that concerns it, or before one that may have been missed: that
            // flight goes on for its own callers, and may not fill over what this one will bring.
            shard.shatter(key);
        } else if let Some(entry) = recheck() {
            return Turn::Hit(entry);
        }
        let permit = Permit::lead(&self.0, &mut shard, key, premises, present.at);
        Turn::Lead(permit)
    }

    /// A permit for a load that is not led: it may fill unless an invalidation comes first.
    pub(crate) fn permit(&self, key: &[u8], premises: Premises) -> Permit<V> {
        let mut shard = self.0.shard(key);
        Permit::attach(&self.0, &mut shard, key, premises)
    }

    /// [`permit`](Self::permit), and forbids those there are to fill: they began before.
    #[cfg(feature = "macros")]
    pub(crate) fn permit_anew(&self, key: &[u8], premises: Premises) -> Permit<V> {
        let mut shard = self.0.shard(key);
        shard.shatter(key);
        Permit::attach(&self.0, &mut shard, key, premises)
    }

    /// Forbids every load of `key` that is under way to fill, and runs `change` before anything else
    /// can happen to the key.
    pub(crate) fn exclude<R>(&self, key: &[u8], change: impl FnOnce() -> R) -> R {
        let mut shard = self.0.shard(key);
        shard.shatter(key);
        change()
    }

    /// Forbids every load of a key that `matches` to fill.
    pub(crate) fn exclude_matching(&self, matches: impl Fn(&[u8]) -> bool) {
        for mut shard in self.0.shards() {
            shard.shatter_matching(&matches);
        }
    }

    /// Keys being loaded right now.
    pub(crate) fn under_way(&self) -> usize {
        self.0.shards().map(|shard| shard.len()).sum()
    }
}
