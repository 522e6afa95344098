//! How an entry of the near tier stands to the far one.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock::Moment;
use crate::store::{EntryId, FeedEpoch};

/// Under which epoch of the feed an entry was last seen to be right, and what it has to do with the far
/// tier.
#[derive(Debug, Default)]
pub(crate) struct Tie {
    seen: AtomicU64,
    kin: Kin,
}

#[derive(Debug)]
enum Kin {
    /// A copy of this entry of the far tier, if it is known.
    Copy(Option<EntryId>),
    /// Of a value that came at this moment, while Redis did not answer.
    Sheltered(Moment),
}

impl Default for Kin {
    fn default() -> Self {
        Self::Copy(None)
    }
}

impl Tie {
    /// A copy of the entry `id`, seen under `epoch`.
    pub(super) fn to(id: Option<EntryId>, epoch: FeedEpoch) -> Self {
        Self {
            seen: AtomicU64::new(epoch.number()),
            kin: Kin::Copy(id),
        }
    }

    /// Of a value loaded under `epoch` while Redis did not answer, which was at `now`.
    pub(super) fn sheltered(epoch: FeedEpoch, now: Moment) -> Self {
        Self {
            seen: AtomicU64::new(epoch.number()),
            kin: Kin::Sheltered(now),
        }
    }

    pub(super) fn id(&self) -> Option<EntryId> {
        match self.kin {
            Kin::Copy(id) => id,
            Kin::Sheltered(_) => None,
        }
    }

    /// The epoch it was last seen under.
    pub(super) fn seen(&self) -> FeedEpoch {
        FeedEpoch::of(self.seen.load(Ordering::Acquire))
    }

    /// When it was loaded, if Redis did not answer then.
    pub(super) fn sheltered_at(&self) -> Option<Moment> {
        match self.kin {
            Kin::Copy(_) => None,
            Kin::Sheltered(at) => Some(at),
        }
    }

    /// The far tier, asked under `epoch`, still has this entry.
    pub(super) fn renew(&self, epoch: FeedEpoch) {
        self.seen.fetch_max(epoch.number(), Ordering::AcqRel);
    }
}
