//! How an entry of the near tier stands to the far one.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::{EntryId, FeedEpoch};

/// Under which epoch of the feed an entry was last seen to be right, and which entry of the far tier it
/// is a copy of.
#[derive(Debug, Default)]
pub(crate) struct Tie {
    /// Twice the epoch, and 1 for an entry that was loaded while Redis did not answer.
    seen: AtomicU64,
    id: Option<EntryId>,
}

impl Tie {
    /// A copy of the entry `id`, seen under `epoch`.
    pub(super) fn to(id: Option<EntryId>, epoch: FeedEpoch) -> Self {
        Self {
            seen: AtomicU64::new(epoch.number() << 1),
            id,
        }
    }

    /// Of a value loaded under `epoch` while Redis did not answer.
    pub(super) fn sheltered(epoch: FeedEpoch) -> Self {
        Self {
            seen: AtomicU64::new(epoch.number() << 1 | 1),
            id: None,
        }
    }

    pub(super) fn id(&self) -> Option<EntryId> {
        self.id
    }

    /// The epoch, and whether it was loaded while Redis did not answer.
    pub(super) fn seen(&self) -> (FeedEpoch, bool) {
        let seen = self.seen.load(Ordering::Acquire);
        (FeedEpoch::of(seen >> 1), seen & 1 == 1)
    }

    /// The far tier, asked under `epoch`, still has this entry.
    pub(super) fn renew(&self, epoch: FeedEpoch) {
        self.seen.fetch_max(epoch.number() << 1, Ordering::AcqRel);
    }
}
