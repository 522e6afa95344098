//! A call that has to load, on its way to where it does.

use std::fmt;

use crate::key::KeyWriter;

use super::terms::Terms;

/// A call that found nothing, with arguments it owns.
pub struct Miss<A> {
    pub(super) key: KeyWriter,
    pub(super) terms: Terms,
    pub(super) arguments: A,
}

impl<A> fmt::Debug for Miss<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Miss")
            .field("terms", &self.terms)
            .finish_non_exhaustive()
    }
}
