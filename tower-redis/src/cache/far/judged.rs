//! What a look at the far tier comes to.

use crate::store::EntryId;

use crate::cache::entry::Entry;

use super::ticket::Granted;
use super::tokens::Tokens;

pub(super) enum Said<V> {
    Same,
    /// A copy of what is there.
    Entry(Entry<V>),
    /// With a copy of what is there, which is stale.
    Granted(Box<Granted>, Option<Entry<V>>),
    Near,
}

pub(super) enum Judged<V> {
    Answer(Said<V>),
    Rejected(Option<EntryId>, Option<Entry<V>>),
}

/// What is no answer, and what was known when it was looked at.
pub(super) struct Rejected<V> {
    pub(super) id: Option<EntryId>,
    /// A copy of it, where it was good once.
    pub(super) stale: Option<Entry<V>>,
    pub(super) tokens: Tokens,
}
