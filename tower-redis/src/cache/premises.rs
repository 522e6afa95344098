//! What a load rests on.

use crate::store::FeedEpoch;

use super::tags::Marks;

/// Which generation of a cache something belongs to; `clear` starts a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch(pub(crate) u64);

impl Epoch {
    pub(super) const BITS: u32 = 22;
    const LIKE: u64 = 1 << Self::BITS;

    /// As much of it as tells it from those near it. What is of one that is gone is removed by the next `clear`.
    #[inline]
    pub(super) fn low(self) -> u64 {
        self.0 % Self::LIKE
    }
}

/// The state of the world when a load began. What it brings is good for exactly as long as this
/// still holds.
#[derive(Debug, Clone)]
pub(crate) struct Premises {
    pub(crate) epoch: Epoch,
    /// How many tags had been invalidated: for tags that come with the value.
    pub(crate) stamp: u64,
    /// Whether tags may come with the value.
    pub(crate) late: bool,
    pub(crate) marks: Marks,
    /// The epoch of the feed.
    pub(crate) feed: FeedEpoch,
}

impl Premises {
    /// Of a load in a process in which nothing has happened.
    #[cfg(test)]
    pub(crate) fn first() -> Self {
        Self {
            epoch: Epoch(0),
            stamp: 0,
            late: false,
            marks: Marks::default(),
            feed: FeedEpoch::default(),
        }
    }

    /// Whether nothing that this process knows of has happened since.
    pub(crate) fn hold(&self, now: Epoch) -> bool {
        self.epoch == now && self.marks.hold()
    }

    /// Whether a tag that may come with the value was invalidated until there was this `stamp`.
    pub(crate) fn may_be_outdated(&self, stamp: u64) -> bool {
        self.late && self.stamp != stamp
    }
}
