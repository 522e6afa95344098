//! One handle that wires caches, limits and events together.
//!
//! ```no_run
//! use tower_redis::Toolkit;
//!
//! # fn main() -> Result<(), tower_redis::Error> {
//! let toolkit = Toolkit::from_env()?;
//! toolkit.install()?;
//! # Ok(())
//! # }
//! ```
//!
//! # Which toolkit a `#[cached]` function uses
//!
//! 1. that of the innermost [`Toolkit::scope`] around the call (tests, tenants);
//! 2. else the one that was [installed](Toolkit::install);
//! 3. else one in memory, made at the first such call, with one warning in the log.
//!
//! Installing twice is an error. Installing after functions have been called rebinds them: they start
//! with empty caches of the installed toolkit, and a warning says so.
//!
//! # Runtimes
//!
//! A toolkit belongs to no runtime. What awaits nothing works without one, and a detached load runs on
//! the runtime of the call that starts it; when that runtime ends, the next caller starts another.

#[cfg(feature = "axum")]
mod axum;
mod builder;
mod connections;
mod current;
#[cfg(feature = "macros")]
mod functions;
mod handle;
mod health;
mod invalidation;
mod metrics;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "redis")]
mod server;
#[cfg(feature = "macros")]
pub(crate) mod slot;
mod stats;
#[cfg(any(test, feature = "redis", feature = "testing"))]
mod tier;

pub use builder::ToolkitBuilder;
pub use handle::Toolkit;
pub use stats::Stats;
