//! How a link stands.

use std::sync::Arc;

use crate::error::Error;

use super::connection::Connection;
use super::fault::Away;
use super::timing::Pauses;
use super::wheel::Deadline;

#[derive(Debug)]
pub(super) enum State {
    Idle,
    Connecting,
    Ready(Ready),
    /// It could not be connected while other links were.
    Failed(Failed),
    /// The runtime has ended, or is one that cannot do I/O.
    Gone {
        unfit: bool,
    },
}

#[derive(Debug)]
pub(super) struct Ready {
    pub(super) number: u64,
    pub(super) connection: Arc<Connection>,
    /// Counted as one that there is.
    pub(super) _one: Arc<()>,
}

#[derive(Debug)]
pub(super) struct Failed {
    pub(super) why: Away,
    /// Until then its calls are refused.
    pub(super) until: Deadline,
    pub(super) pauses: Pauses,
}

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Unready {
    /// This runtime cannot drive one.
    Elsewhere,
    Failed(Error),
}

impl State {
    pub(super) fn is(&self, connection: &Arc<Connection>) -> bool {
        matches!(self, Self::Ready(ready) if Arc::ptr_eq(&ready.connection, connection))
    }
}
