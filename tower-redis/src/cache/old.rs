//! What was there before a load.

use super::entry::Entry;

/// What was there before a load.
#[derive(Debug, Clone)]
pub(crate) struct Old<V> {
    pub(crate) entry: Entry<V>,
    /// It cannot be told whether others have invalidated it, since Redis does not answer.
    pub(crate) unheard: bool,
}

impl<V> Old<V> {
    pub(crate) fn heard(entry: Entry<V>) -> Self {
        Self {
            entry,
            unheard: false,
        }
    }
}
