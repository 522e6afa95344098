//! What all connections to one server have in common.

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
            doubt: Notify::new(),
        }
    }

    /// Nothing is sent from now on until a probe is answered.
    pub(super) fn is_away(&self, why: Away) {
        self.breaker.open(why, self.clock.coarse());
    }
}
