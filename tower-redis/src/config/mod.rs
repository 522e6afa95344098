//! Settings from the environment: typed, and with every mistake reported at once.
//!
//! | variable | default | what it is |
//! |---|---|---|
//! | `CACHE_ENABLED` | `true` | `false` turns every cache off: loads run as if there were none |
//! | `CACHE_DEFAULT_TTL` | `3600` | how long a value lives whose cache or function names no TTL: whole seconds, or a time like `90s`, `15m` or `1h30m`; never used for HTTP responses |
//! | `REDIS_URL` | unset | has to be unset: this version keeps everything in memory |
//! | `REDIS_HOST` | unset | as `REDIS_URL` |
//! | `REDIS_PORT` | unset | as `REDIS_URL` |
//! | `REDIS_DB` | unset | as `REDIS_URL` |
//! | `REDIS_USERNAME` | unset | as `REDIS_URL` |
//! | `REDIS_PASSWORD` | unset | as `REDIS_URL` |
//! | `CACHE_REDIS_URL` | unset | as `REDIS_URL` |
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
mod parse;
mod reader;
mod redis;
mod secret;
mod server;
mod settings;
mod source;

pub use cache::CacheSettings;
#[cfg(feature = "redis")]
pub use redis::RedisSettings;
#[cfg(feature = "redis")]
pub use secret::Secret;
#[cfg(feature = "redis")]
pub use server::{Address, Server};
pub use settings::Settings;
pub use source::{Layered, Process, Source, Variables};
