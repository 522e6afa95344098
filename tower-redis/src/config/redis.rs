//! How Redis is used.

use std::time::Duration;

use super::server::Server;

/// One Redis server and how it is used. `Debug` shows no user name and no password.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedisSettings {
    /// `REDIS_URL` and those that fill what it lacks: which server, and as whom.
    pub server: Server,
    /// `REDIS_MAX_CONNECTIONS`: the most connections to it at a time.
    pub max_connections: usize,
    /// `REDIS_RETRY_ON_TIMEOUT`: whether a read whose connection broke is asked again.
    pub retry_on_timeout: bool,
    /// `REDIS_NAMESPACE`: how the names of our own keys begin.
    pub namespace: String,
    /// `REDIS_TIMEOUT`: the deadline of one operation.
    pub timeout: Duration,
}

impl RedisSettings {
    /// The defaults for `server`.
    #[must_use]
    pub fn new(server: Server) -> Self {
        Self {
            server,
            max_connections: 20,
            retry_on_timeout: true,
            namespace: "tr".to_owned(),
            timeout: Duration::from_millis(50),
        }
    }
}

/// The variables that say where Redis is or who asks. Somebody who sets one expects it to be used, so
/// to start without it would be to lose data in silence.
pub(super) const WHERE: [&str; 7] = [
    "REDIS_URL",
    "REDIS_HOST",
    "REDIS_PORT",
    "REDIS_DB",
    "REDIS_USERNAME",
    "REDIS_PASSWORD",
    "CACHE_REDIS_URL",
];

pub(super) fn refuse(from: &mut super::reader::Reader<'_>) {
    for variable in WHERE {
        if from.is_set(variable) {
            from.complain(
                variable,
                "is set, but this version of tower-redis keeps everything in memory and cannot use \
                 Redis; unset it",
            );
        }
    }
}
