//! Settings from the environment: typed, and with every mistake reported at once.
//!
//! | variable | default | what it is |
//! |---|---|---|
//! | `CACHE_ENABLED` | `true` | `false` turns every cache off: loads run as if there were none, and invalidations still reach other processes |
//! | `CACHE_DEFAULT_TTL` | `3600` | how long a value lives whose cache or function names no TTL: whole seconds, or a time like `90s`, `15m` or `1h30m`; never used for HTTP responses |
//! | `CACHE_OUTAGE` | `grace` | what a shared cache does while Redis does not answer: `grace` serves what it has and keeps what it loads for a short time, `strict` does neither |
//! | `CACHE_OUTAGE_GRACE` | `10s` | how long what was in memory before is served then |
//! | `CACHE_OUTAGE_TTL` | `30s` | how long what is loaded then is kept, at most |
//! | `CACHE_CODEC` | `json` | how values are written on their way to Redis: `json`, or `msgpack` (feature `msgpack`); under exact keys always JSON |
//! | `CACHE_COMPRESSION` | `lz4` | how large values are compressed on their way to Redis: `none`, `lz4`, or `zstd` (feature `zstd`) |
//! | `CACHE_COMPRESS_FROM` | `1024` | from how many bytes on |
//! | `REDIS_URL` | unset | the Redis that instances share caches, limits and events through: `redis://user:password@host:port/db` or `redis+unix:///path/to/socket?db=0&user=name&pass=word`, each percent-encoded; unset is memory alone |
//! | `REDIS_HOST` | unset | fills what `REDIS_URL` lacks, or stands alone: a name or an address |
//! | `REDIS_PORT` | `6379` | fills what `REDIS_URL` lacks |
//! | `REDIS_DB` | `0` | fills what `REDIS_URL` lacks: the number of the database |
//! | `REDIS_USERNAME` | unset | fills what `REDIS_URL` lacks: the ACL user |
//! | `REDIS_PASSWORD` | unset | fills what `REDIS_URL` lacks |
//! | `CACHE_REDIS_URL` | unset | a Redis for caches alone, so that evicting cached values never evicts limits; nothing fills what it lacks |
//! | `REDIS_MAX_CONNECTIONS` | `20` | the most connections of this process to one Redis, at least 5; each Tokio runtime has two of its own as long as the number allows |
//! | `REDIS_RETRY_ON_TIMEOUT` | `true` | a read whose connection broke is asked once more within its deadline; writes and limit checks never are |
//! | `REDIS_NAMESPACE` | `tr` | what the names of the library's own keys begin with: letters, digits, `_`, `.` and `-` |
//! | `REDIS_TIMEOUT` | `50ms` | the deadline of one Redis operation, from 5ms to 10s |
//!
//! `rediss://`, `redis+cluster://` and `redis+sentinel://` are refused: this version cannot use them yet.
//! Two variables that say different things about one Redis are a mistake that names both. A build
//! without the feature `redis` does not start when one of them says where Redis is, and does not read
//! those that say how it is used.
//!
//! An empty value means the same as none, and white space around a value is ignored. Where the strings
//! come from is a [`Source`]: the [`Process`], a table of [`Variables`] in a test, or one of them
//! [`Layered`] over another, as a `.env` file lies under the environment of the process.
//!
//! ```
//! use std::time::Duration;
//! use tower_redis::config::{Settings, Variables};
//!
//! let settings = Settings::read(&Variables::from([("CACHE_DEFAULT_TTL", "15m")]))?;
//! assert_eq!(settings.cache.default_ttl, Duration::from_secs(900));
//!
//! let mistakes = Settings::read(&Variables::from([
//!     ("CACHE_ENABLED", "maybe"),
//!     ("CACHE_DEFAULT_TTL", "0"),
//! ]));
//! assert_eq!(
//!     mistakes.unwrap_err().to_string(),
//!     "2 settings cannot be used:\n  \
//!      CACHE_ENABLED: found `maybe`; expected `true` or `false`\n  \
//!      CACHE_DEFAULT_TTL: found `0`; expected a time greater than zero: whole seconds, or one like \
//!      `500ms`, `90s`, `15m` or `1h30m`",
//! );
//! # Ok::<(), tower_redis::Error>(())
//! ```

mod cache;
mod names;
mod outage;
mod packing;
mod parse;
#[cfg(feature = "redis")]
mod place;
mod reader;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "redis")]
mod secret;
#[cfg(feature = "redis")]
mod server;
mod settings;
mod source;
#[cfg(feature = "redis")]
mod url;
#[cfg(not(feature = "redis"))]
mod without_redis;

pub use cache::CacheSettings;
pub use outage::Outage;
#[cfg(feature = "redis")]
pub(crate) use redis::FEWEST_CONNECTIONS;
#[cfg(feature = "redis")]
pub use redis::RedisSettings;
#[cfg(feature = "redis")]
pub use secret::Secret;
#[cfg(feature = "redis")]
pub use server::{Address, Server};
pub use settings::Settings;
pub use source::{Layered, Process, Source, Variables};
