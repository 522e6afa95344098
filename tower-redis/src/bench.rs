//! What the benchmarks measure by itself: a command on a supervised connection, with nothing around it.

use std::fmt;

use crate::clock::Clock;
use crate::config::RedisSettings;
use crate::error::Error;
use crate::wire::{Lane, Op, Wire};

/// A Redis server, asked as the rest of the library asks it.
#[derive(Clone)]
pub struct Supervised(Wire);

impl Supervised {
    /// It connects with the first command.
    #[must_use]
    pub fn new(settings: &RedisSettings) -> Self {
        Self(Wire::new(settings, &Clock::system()))
    }

    /// Sends `PUBLISH` and waits for the answer.
    ///
    /// # Errors
    /// When there is none in time, or it is a refusal.
    ///
    /// # Cancellation
    /// Dropped after it was polled, the message may have been published.
    pub async fn publish(&self, channel: &str, payload: &str) -> Result<(), Error> {
        let op = Op::keyless("PUBLISH").arg(channel).arg(payload);
        self.0.one(Lane::Control, op).await.map(drop)
    }
}

impl fmt::Debug for Supervised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervised").finish_non_exhaustive()
    }
}
