//! One stored value and everything that decides whether it may still be used.

use std::sync::Arc;

use crate::clock::Moment;
use crate::store::FeedEpoch;

use super::tags::Marks;
use super::tie::Tie;

/// Which generation of a cache something belongs to; `clear` starts a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch(pub(crate) u64);

/// The state of the world when a load began. What it brings is good for exactly as long as this
/// still holds.
#[derive(Debug, Clone)]
pub(crate) struct Premises {
    pub(crate) epoch: Epoch,
    pub(crate) marks: Marks,
    /// The epoch of the feed.
    pub(crate) feed: FeedEpoch,
}

impl Premises {
    /// Whether nothing that this process knows of has happened since.
    pub(crate) fn hold(&self, now: Epoch) -> bool {
        self.epoch == now && self.marks.hold()
    }
}

/// A value as it lies in the near tier: shared, so that a hit clones a pointer under the lock and the
/// user's `Clone` and `Drop` run outside it.
#[derive(Debug)]
pub(crate) struct Entry<V> {
    pub(crate) value: V,
    pub(crate) expires: Moment,
    pub(crate) premises: Premises,
    pub(crate) weight: u64,
    /// How it stands to the far tier.
    pub(crate) tie: Tie,
}

pub(crate) type Shared<V> = Arc<Entry<V>>;

impl<V> Entry<V> {
    /// Fresh and not invalidated by this process. What others did is the feed's to say.
    pub(crate) fn usable(&self, now: Moment, epoch: Epoch) -> bool {
        now < self.expires && self.premises.hold(epoch)
    }
}
