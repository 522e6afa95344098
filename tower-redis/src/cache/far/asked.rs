//! One question to the far tier.

use crate::clock::Moment;
use crate::store::Place;

use crate::cache::hold::Hold;
use crate::cache::premises::Premises;
use crate::cache::tags::Marks;
use crate::cache::terms::Call;

use super::learn::Present;
use super::tier::Far;

/// One question to the far tier.
pub(super) struct Asked {
    pub(super) place: Place,
    marks: Marks,
    epoch: u64,
    pub(super) now: Moment,
    /// Whether what is stale is of any use.
    pub(super) stale_helps: bool,
}

impl Asked {
    pub(super) fn of<V: Hold>(
        far: &Far<V>,
        key: &[u8],
        call: &Call,
        premises: &Premises,
        now: Moment,
    ) -> Self {
        Self {
            place: far.place(key, !call.tags.is_empty()),
            marks: premises.marks.clone(),
            epoch: premises.epoch.0,
            now,
            stale_helps: false,
        }
    }

    pub(super) fn present(&self) -> Present<'_> {
        Present {
            epoch: self.epoch,
            marks: &self.marks,
            now: self.now,
            stale_helps: self.stale_helps,
        }
    }
}
