//! Whether Redis is there, for whoever holds the toolkit.

use crate::health::{RedisHealth, RedisState, RedisStats};

#[cfg(feature = "redis")]
use crate::health::{counts, last_known, probe};

use super::handle::Toolkit;

impl Toolkit {
    /// Whether Redis is there, from what is known: it waits for nobody. While nothing is known, which is
    /// before the first question to Redis, it has it asked in the background and says that it is not. Where caches
    /// have one for themselves (`CACHE_REDIS_URL`), both have to be.
    #[must_use]
    pub fn redis_state(&self) -> RedisState {
        #[cfg(feature = "redis")]
        {
            let (everything, caches) = self.wires();
            let states = [everything, caches].into_iter().flatten().map(last_known);
            // each is asked
            let states: Vec<_> = states.collect();
            if states.contains(&RedisState::Disconnected) {
                return RedisState::Disconnected;
            }
            if let Some(state) = states.first() {
                return *state;
            }
        }
        RedisState::NotConfigured
    }

    pub(super) fn redis_stats(&self) -> Option<RedisStats> {
        #[cfg(feature = "redis")]
        return self.wires().0.map(counts);
        #[cfg(not(feature = "redis"))]
        None
    }

    pub(super) fn cache_redis_stats(&self) -> Option<RedisStats> {
        #[cfg(feature = "redis")]
        return self.wires().1.map(counts);
        #[cfg(not(feature = "redis"))]
        None
    }

    /// Asks the Redis of `REDIS_URL` how it is: two round trips, each with the deadline `REDIS_TIMEOUT`. That it is
    /// away is an answer, told at once while it is known.
    ///
    /// # Cancellation
    /// It only reads, so nothing is left behind.
    pub async fn redis_health(&self) -> RedisHealth {
        #[cfg(feature = "redis")]
        if let (Some(wire), _) = self.wires() {
            return probe(wire, self.clock()).await;
        }
        RedisHealth::new(RedisState::NotConfigured)
    }

    /// Asks the Redis that caches have for themselves, that of `CACHE_REDIS_URL`, how it is, as
    /// [`redis_health`](Self::redis_health) does. Where that is not set they use that of everything else, and this
    /// one is not configured.
    ///
    /// # Cancellation
    /// It only reads, so nothing is left behind.
    pub async fn cache_redis_health(&self) -> RedisHealth {
        #[cfg(feature = "redis")]
        if let (_, Some(wire)) = self.wires() {
            return probe(wire, self.clock()).await;
        }
        RedisHealth::new(RedisState::NotConfigured)
    }
}
