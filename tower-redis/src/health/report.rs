//! What a probe of Redis found.

use std::time::Duration;

#[cfg(feature = "redis")]
use super::info::Info;
use super::state::RedisState;

/// How Redis was when it was asked. What it did not tell, because it was away or because its user may not
/// ask, is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedisHealth {
    /// Whether it answered.
    pub state: RedisState,
    /// Why it did not, in words without a secret.
    pub problem: Option<String>,
    /// From asking to the answer of a `PING`, by the toolkit's clock.
    pub latency: Option<Duration>,
    /// Its version, as in `7.2.4`.
    pub version: Option<String>,
    /// What it is to other servers, in its words: `master`, or `slave` for a replica.
    pub role: Option<String>,
    /// The memory it uses, in bytes.
    pub used_memory: Option<u64>,
    /// The most it may use (`maxmemory`), in bytes; 0 when it is not bounded.
    pub max_memory: Option<u64>,
    /// What it does when its memory is full (`maxmemory-policy`), in its words.
    pub eviction_policy: Option<String>,
    /// Keys that were asked for and found, since it started, by whoever uses it.
    pub keyspace_hits: Option<u64>,
    /// Keys that were asked for and not found, since it started, by whoever uses it.
    pub keyspace_misses: Option<u64>,
    /// Keys in the database, of whoever put them there.
    pub keys: Option<u64>,
    /// Connections of clients, of this process and others.
    pub clients: Option<u64>,
}

impl RedisHealth {
    pub(crate) fn new(state: RedisState) -> Self {
        Self {
            state,
            problem: None,
            latency: None,
            version: None,
            role: None,
            used_memory: None,
            max_memory: None,
            eviction_policy: None,
            keyspace_hits: None,
            keyspace_misses: None,
            keys: None,
            clients: None,
        }
    }

    /// What an operator should change although all works now; `None` when there is nothing.
    ///
    /// Whatever is evicted is loaded again, but not a limit: a server whose memory is full and that may
    /// evict forgets who has used up what.
    #[must_use]
    pub fn warning(&self) -> Option<&'static str> {
        let policy = self.eviction_policy.as_deref()?;
        if self.max_memory == Some(0) {
            return None;
        }
        if policy.starts_with("allkeys-") {
            return Some(
                "when its memory is full, Redis evicts any key, limits and sessions like cached values; give the \
                 caches a Redis of their own (CACHE_REDIS_URL)",
            );
        }
        // everything of ours expires some time
        policy.starts_with("volatile-").then_some(
            "when its memory is full, Redis evicts what expires, limits and sessions like cached values; give the \
             caches a Redis of their own (CACHE_REDIS_URL)",
        )
    }

    /// Takes in what `INFO` said.
    #[cfg(feature = "redis")]
    pub(super) fn tell(&mut self, info: &Info<'_>) {
        let text = |name| info.field(name).map(str::to_owned);
        let number = |name| info.field(name)?.parse().ok();
        self.version = text("redis_version");
        self.role = text("role");
        self.used_memory = number("used_memory");
        self.max_memory = number("maxmemory");
        self.eviction_policy = text("maxmemory_policy");
        self.keyspace_hits = number("keyspace_hits");
        self.keyspace_misses = number("keyspace_misses");
        self.clients = number("connected_clients");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "redis")]
    #[test]
    fn what_info_says_is_taken_in_and_what_it_does_not_is_not_made_up() {
        let text = "# Server\r\nredis_version:7.2.4\r\n\r\n# Memory\r\nused_memory:1048576\r\n\
                    maxmemory:many\r\nmaxmemory_policy:noeviction\r\n# Replication\r\nrole:master\r\n";
        let mut health = RedisHealth::new(RedisState::Connected);
        health.tell(&Info::new(text));
        let expected = RedisHealth {
            version: Some("7.2.4".to_owned()),
            role: Some("master".to_owned()),
            used_memory: Some(1_048_576),
            eviction_policy: Some("noeviction".to_owned()),
            ..RedisHealth::new(RedisState::Connected)
        };
        assert_eq!(health, expected);
    }

    #[test]
    fn a_server_that_may_evict_limits_is_warned_of() {
        let warned = |policy: &str, bound| {
            let mut health = RedisHealth::new(RedisState::Connected);
            health.eviction_policy = Some(policy.to_owned());
            health.max_memory = bound;
            health.warning().map(|text| text.contains("evicts any key"))
        };
        assert_eq!(warned("allkeys-lru", Some(1)), Some(true));
        assert_eq!(warned("allkeys-lru", None), Some(true));
        assert_eq!(warned("volatile-ttl", Some(1)), Some(false));
        assert_eq!(warned("allkeys-lru", Some(0)), None);
        assert_eq!(warned("noeviction", Some(1)), None);
        assert_eq!(RedisHealth::new(RedisState::Connected).warning(), None);
    }
}
