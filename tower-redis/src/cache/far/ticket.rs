//! What a leader found in the far tier, or what it needs for its load.

use std::time::Duration;

use crate::store::{Lease, Place, Stamp};

use crate::cache::flight::Permit;
use crate::cache::hold::Hold;
use crate::cache::old::Old;

use super::holding::Holding;
use super::tokens::Tokens;

/// What a leader found far, or what it needs for its load.
pub(crate) enum Fetched<V: Hold> {
    /// A copy of what lies far.
    Far(V),
    /// What was near before, while Redis does not answer.
    Suspect(V),
    /// Nothing: load. With what was there once.
    Load(Flight<V>, Option<Old<V>>),
}

/// A load about to begin, with what allows it to be stored.
#[derive(Debug)]
pub(crate) struct Flight<V: Hold> {
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
    /// The stamp before the load, where it may bring tags.
    pub(super) stamp: Option<Stamp>,
    /// As long as it loads for all processes.
    pub(super) holding: Option<Holding>,
}

impl<V: Hold> Flight<V> {
    /// A load whose value stays in this process.
    #[cfg(feature = "http-cache")]
    pub(crate) fn near(permit: Permit<V>) -> Self {
        Self {
            permit,
            ticket: Ticket::Near,
            anew: false,
        }
    }

    /// Whether what it brings may go to the far tier.
    #[cfg(feature = "http-cache")]
    pub(crate) fn is_far(&self) -> bool {
        matches!(self.ticket, Ticket::Leased(_))
    }

    /// The load failed, or brought nothing to keep. Other processes that wait for it are told; they load for
    /// themselves until `rest` is over.
    pub(crate) fn failed(self, rest: Duration) -> Permit<V> {
        if let Ticket::Leased(granted) = self.ticket
            && let Some(holding) = granted.holding
        {
            holding.failed(rest);
        }
        self.permit
    }
}
