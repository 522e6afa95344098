//! What all connections to one server have in common.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::clock::Clock;
use crate::config::RedisSettings;

use super::breaker::Breaker;
use super::counts::Counts;
use super::fault::Away;
use super::server_clock::ServerClock;
use super::target::Target;
use super::timing::Timing;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) target: Target,
    pub(super) clock: Clock,
    pub(super) timing: Timing,
    pub(super) retry_reads: bool,
    pub(super) breaker: Breaker,
    pub(super) counts: Counts,
    pub(super) server_clock: ServerClock,
    /// Held by every link that has a connection.
    pub(super) connections: Arc<()>,
    /// Rung when a connection is lost: the server may be, too.
    pub(super) doubt: Notify,
}

impl Shared {
    pub(super) fn new(settings: &RedisSettings, clock: &Clock) -> Self {
        Self {
            target: Target::new(&settings.server),
            clock: clock.clone(),
            timing: Timing::of(settings.timeout),
            retry_reads: settings.retry_on_timeout,
            breaker: Breaker::default(),
            counts: Counts::default(),
            server_clock: ServerClock::default(),
            connections: Arc::default(),
            doubt: Notify::new(),
        }
    }

    /// Whether any link has a connection.
    pub(super) fn has_connections(&self) -> bool {
        Arc::strong_count(&self.connections) > 1
    }

    /// Nothing is sent from now on until a probe is answered.
    pub(super) fn is_away(&self, why: Away) {
        self.breaker.open(why, self.clock.coarse());
    }
}
