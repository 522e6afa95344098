//! What a look at the far tier comes to.

use crate::store::{EntryId, Held};

use crate::cache::tags::Marks;

use super::ticket::Granted;
use super::tokens::Tokens;

pub(super) enum Said<V> {
    Same,
    Entry(Box<Good<V>>),
    /// With what is there, which is stale.
    Granted(Box<Granted>, Option<Box<Good<V>>>),
    Near,
}

pub(super) struct Good<V> {
    pub(super) value: V,
    pub(super) held: Held,
    pub(super) marks: Marks,
}

pub(super) enum Judged<V> {
    Answer(Said<V>),
    Rejected(Option<EntryId>, Option<Box<Good<V>>>),
}

/// What is no answer, and what was known when it was looked at.
pub(super) struct Rejected<V> {
    pub(super) id: Option<EntryId>,
    pub(super) stale: Option<Box<Good<V>>>,
    pub(super) tokens: Tokens,
}
