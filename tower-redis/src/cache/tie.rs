//! How an entry of the near tier stands to the far one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

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
    /// Of a value that came while Redis did not answer, and when that was last so, in nanoseconds.
    Sheltered(AtomicU64),
}

impl Clone for Tie {
    fn clone(&self) -> Self {
        Self {
            seen: AtomicU64::new(self.seen.load(Ordering::Acquire)),
            kin: match &self.kin {
                Kin::Copy(id) => Kin::Copy(*id),
                Kin::Sheltered(at) => Kin::Sheltered(AtomicU64::new(at.load(Ordering::Relaxed))),
            },
        }
    }
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
            kin: Kin::Sheltered(AtomicU64::new(now.as_nanos())),
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

    /// When Redis last did not answer, if it did not when this was loaded.
    pub(super) fn sheltered_at(&self) -> Option<Moment> {
        match &self.kin {
            Kin::Copy(_) => None,
            Kin::Sheltered(at) => {
                let at = Duration::from_nanos(at.load(Ordering::Relaxed));
                Some(Moment::default().after(at))
            }
        }
    }

    /// Redis still did not answer at `now`.
    pub(super) fn shelter_on(&self, now: Moment) {
        if let Kin::Sheltered(at) = &self.kin {
            at.fetch_max(now.as_nanos(), Ordering::Relaxed);
        }
    }

    /// The far tier, asked under `epoch`, still has this entry.
    pub(super) fn renew(&self, epoch: FeedEpoch) {
        self.seen.fetch_max(epoch.number(), Ordering::AcqRel);
    }
}
