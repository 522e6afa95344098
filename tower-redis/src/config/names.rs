//! The names of all variables.

pub(super) const ENABLED: &str = "CACHE_ENABLED";
pub(super) const DEFAULT_TTL: &str = "CACHE_DEFAULT_TTL";
pub(super) const OUTAGE: &str = "CACHE_OUTAGE";
pub(super) const OUTAGE_GRACE: &str = "CACHE_OUTAGE_GRACE";
pub(super) const OUTAGE_TTL: &str = "CACHE_OUTAGE_TTL";
pub(super) const CODEC: &str = "CACHE_CODEC";
pub(super) const COMPRESSION: &str = "CACHE_COMPRESSION";
pub(super) const COMPRESS_FROM: &str = "CACHE_COMPRESS_FROM";

pub(super) const URL: &str = "REDIS_URL";
pub(super) const HOST: &str = "REDIS_HOST";
pub(super) const PORT: &str = "REDIS_PORT";
pub(super) const DATABASE: &str = "REDIS_DB";
pub(super) const USERNAME: &str = "REDIS_USERNAME";
pub(super) const PASSWORD: &str = "REDIS_PASSWORD";
pub(super) const CACHE_URL: &str = "CACHE_REDIS_URL";

#[cfg(any(test, feature = "redis"))]
pub(super) const MAX_CONNECTIONS: &str = "REDIS_MAX_CONNECTIONS";
#[cfg(any(test, feature = "redis"))]
pub(super) const RETRY: &str = "REDIS_RETRY_ON_TIMEOUT";
#[cfg(any(test, feature = "redis"))]
pub(super) const NAMESPACE: &str = "REDIS_NAMESPACE";
#[cfg(any(test, feature = "redis"))]
pub(super) const TIMEOUT: &str = "REDIS_TIMEOUT";

/// Those that say where Redis is or who asks. Somebody who sets one expects it to be used, so to start
/// without it would be to lose data in silence.
#[cfg(any(test, not(feature = "redis")))]
pub(super) const WHERE: [&str; 7] = [URL, HOST, PORT, DATABASE, USERNAME, PASSWORD, CACHE_URL];

#[cfg(test)]
pub(super) const ALL: [&str; 19] = [
    ENABLED,
    DEFAULT_TTL,
    OUTAGE,
    OUTAGE_GRACE,
    OUTAGE_TTL,
    CODEC,
    COMPRESSION,
    COMPRESS_FROM,
    URL,
    HOST,
    PORT,
    DATABASE,
    USERNAME,
    PASSWORD,
    CACHE_URL,
    MAX_CONNECTIONS,
    RETRY,
    NAMESPACE,
    TIMEOUT,
];
