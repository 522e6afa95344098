//! Caching and rate limiting for Rust services, as Tower middleware and macros.

pub mod cache;
pub mod clock;
pub mod config;
pub mod error;
pub mod key;
pub mod limit;
#[cfg(feature = "macros")]
#[doc(hidden)]
pub mod macro_support;
#[cfg(feature = "http")]
pub mod middleware;
pub mod pubsub;
mod registry;
mod scope;
mod tasks;
mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
pub mod toolkit;

#[cfg(feature = "macros")]
pub use cache_macros::cached;
pub use error::Error;
pub use toolkit::Toolkit;
