//! What is listened to.

use std::collections::BTreeSet;

/// Channels by their names, and whether all are listened to besides.
#[derive(Default, Clone, PartialEq, Eq)]
pub(super) struct Set {
    pub(super) channels: BTreeSet<Vec<u8>>,
    pub(super) everything: bool,
}

impl Set {
    pub(super) fn is_empty(&self) -> bool {
        self.channels.is_empty() && !self.everything
    }

    /// What is in this one and not in `other`.
    pub(super) fn without(&self, other: &Self) -> Self {
        Self {
            channels: &self.channels - &other.channels,
            everything: self.everything && !other.everything,
        }
    }

    /// What is in both.
    pub(super) fn within(&self, other: &Self) -> Self {
        Self {
            channels: &self.channels & &other.channels,
            everything: self.everything && other.everything,
        }
    }
}
