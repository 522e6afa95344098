//! What a wire has done, and how its server is.

use crate::clock::Moment;
use crate::telemetry::Counter;

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) operations: Counter,
    pub(super) timeouts: Counter,
    pub(super) refused: Counter,
    pub(super) connects: Counter,
    pub(super) losses: Counter,
}

/// How a server was last seen, without asking it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct WireState {
    /// Whether it has answered anything yet.
    pub(crate) seen: bool,
    /// Why calls are refused at once, and since when by the coarse clock; `None` while they are not.
    pub(crate) away: Option<(&'static str, Moment)>,
    /// Commands and scripts that were sent.
    pub(crate) operations: u64,
    /// Those nobody answered in time, or whose connection broke.
    pub(crate) timeouts: u64,
    /// Those refused at once because the server was away.
    pub(crate) refused: u64,
    /// Connections made.
    pub(crate) connects: u64,
    /// Connections that broke or were given up.
    pub(crate) losses: u64,
}
