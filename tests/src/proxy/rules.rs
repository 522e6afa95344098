//! What is to be done with connections, old and new.

use std::collections::BTreeSet;
use std::time::Duration;

/// Counts connections, from 0.
pub(super) type Number = u64;

/// What becomes of a new connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Welcome {
    Forward,
    /// Nobody listens.
    Refuse,
    /// It is accepted, and nothing is ever answered.
    Swallow,
}

#[derive(Debug, Clone)]
pub(super) struct Rules {
    /// Which edition of the rules this is, to know when they are followed.
    pub(super) edition: u64,
    pub(super) welcome: Welcome,
    /// Connections before this one are closed.
    pub(super) cut_before: Number,
    /// These are closed.
    pub(super) cut: BTreeSet<Number>,
    /// Connections before this one never hear anything again.
    pub(super) lost_before: Number,
    /// Nothing is passed on, and nothing is lost.
    pub(super) held: bool,
    pub(super) to_server: Duration,
    pub(super) to_client: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            edition: 0,
            welcome: Welcome::Forward,
            cut_before: 0,
            cut: BTreeSet::new(),
            lost_before: 0,
            held: false,
            to_server: Duration::ZERO,
            to_client: Duration::ZERO,
        }
    }
}

impl Rules {
    pub(super) fn is_cut(&self, number: Number) -> bool {
        number < self.cut_before || self.cut.contains(&number)
    }
}
