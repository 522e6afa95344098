//! What a leader found in the far tier, or what it needs for its load.

use crate::store::{Lease, Place};

use crate::cache::entry::Shared;
use crate::cache::flight::Permit;

use super::tokens::Tokens;

/// What a leader found far, or what it needs for its load.
pub(crate) enum Fetched<V: Send + Sync + 'static> {
    /// A copy of what lies far.
    Far(Shared<V>),
    /// What was near before, while Redis does not answer.
    Suspect(Shared<V>),
    /// Nothing: load.
    Load(Flight<V>),
}

/// A load about to begin, with what allows it to be stored.
#[derive(Debug)]
pub(crate) struct Flight<V: Send + Sync + 'static> {
    pub(crate) permit: Permit<V>,
    pub(super) ticket: Ticket,
    /// What it brings takes the place of what is there.
    pub(super) anew: bool,
}

/// What becomes of a loaded value in the far tier.
#[derive(Debug)]
pub(super) enum Ticket {
    /// It stays near: there is no far tier, or none for this key.
    Near,
    /// It may be stored under this lease.
    Leased(Box<Granted>),
    /// Redis did not answer.
    Away,
}

/// The right to fill, and what the load rests on.
#[derive(Debug)]
pub(super) struct Granted {
    pub(super) place: Place,
    pub(super) lease: Lease,
    pub(super) tokens: Tokens,
}
