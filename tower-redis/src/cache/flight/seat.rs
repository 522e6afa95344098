//! A permit's place in its shard.

use std::num::NonZeroU64;

use crate::key::Key;

use super::name::Name;

/// A permit's place in its shard.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) key: Key,
    pub(super) hash: u64,
    /// The number of its record, under which it may fill as long as that is in the table; `None` once it
    /// has left.
    pub(super) record: Option<NonZeroU64>,
    /// Its number as a leader; `None` when it does not lead, or no longer.
    pub(super) lead: Option<NonZeroU64>,
    /// The number of what it is bringing, when others may have that.
    pub(super) coming: Option<NonZeroU64>,
}

impl Seat {
    /// As it is looked up.
    pub(super) fn name(&self) -> Name<'_> {
        Name {
            key: self.key.as_bytes(),
            hash: self.hash,
        }
    }

    /// The same place, for those who only look.
    #[cfg(feature = "http-cache")]
    pub(super) fn as_seen(&self) -> Self {
        Self {
            key: self.key.clone(),
            hash: self.hash,
            record: self.record,
            lead: self.lead,
            coming: None,
        }
    }

    /// Whether there is nothing to take back from the shard.
    pub(super) fn is_left(&self) -> bool {
        self.record.is_none() && self.lead.is_none()
    }
}
