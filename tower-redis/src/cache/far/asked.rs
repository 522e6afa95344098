//! One question to the far tier.

use crate::clock::Moment;
use crate::store::Place;

use crate::cache::hold::Hold;
use crate::cache::premises::Premises;
use crate::cache::terms::Call;

use super::learn::Present;
use super::tier::Far;

/// One question to the far tier.
pub(super) struct Asked<'a> {
    pub(super) key: &'a [u8],
    pub(super) place: Place,
    pub(super) premises: &'a Premises,
    pub(super) now: Moment,
    /// Whether what is stale is of any use.
    pub(super) stale_helps: bool,
}

impl<'a> Asked<'a> {
    pub(super) fn of<V: Hold>(
        far: &Far<V>,
        key: &'a [u8],
        call: &Call,
        premises: &'a Premises,
        now: Moment,
    ) -> Self {
        Self {
            key,
            place: far.place(key, !call.tags.is_empty()),
            premises,
            now,
            stale_helps: false,
        }
    }

    pub(super) fn present(&self) -> Present<'_> {
        Present {
            epoch: self.premises.epoch.0,
            marks: &self.premises.marks,
            now: self.now,
            stale_helps: self.stale_helps,
        }
    }
}
