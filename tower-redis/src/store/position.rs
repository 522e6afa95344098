//! Where a feed is.

/// What the last message said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    pub(super) epoch: u64,
    pub(super) sequence: u64,
}

impl Position {
    pub(super) fn is_followed_by(self, next: Self) -> bool {
        next.epoch == self.epoch && Some(next.sequence) == self.sequence.checked_add(1)
    }
}
