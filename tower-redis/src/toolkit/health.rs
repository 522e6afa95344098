//! Whether Redis is there, for whoever holds the toolkit.

use crate::health::{RedisHealth, RedisState, RedisStats};

#[cfg(feature = "redis")]
use crate::health::{counts, last_known, probe};

use super::handle::Toolkit;

impl Toolkit {
    /// Whether Redis is there, from what is known: it asks nobody, and takes no time.
    #[must_use]
    pub fn redis_state(&self) -> RedisState {
        #[cfg(feature = "redis")]
        if let Some(wire) = self.wire() {
            return last_known(wire);
        }
        RedisState::NotConfigured
    }

    pub(super) fn redis_stats(&self) -> Option<RedisStats> {
        #[cfg(feature = "redis")]
        return self.wire().map(counts);
        #[cfg(not(feature = "redis"))]
        None
    }

    /// Asks Redis how it is: two round trips, each with the deadline `REDIS_TIMEOUT`. That it is away is
    /// an answer, told at once while it is known.
    ///
    /// # Cancellation
    /// It only reads, so nothing is left behind.
    pub async fn redis_health(&self) -> RedisHealth {
        #[cfg(feature = "redis")]
        if let Some(wire) = self.wire() {
            return probe(wire, self.clock()).await;
        }
        RedisHealth::new(RedisState::NotConfigured)
    }
}
