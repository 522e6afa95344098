//! Caching and rate limiting for Rust services, as Tower middleware and macros.

pub mod cache;
pub mod clock;
pub mod config;
pub mod error;
pub mod key;
#[cfg(feature = "http")]
pub mod middleware;
pub mod pubsub;
mod scope;
mod tasks;
mod telemetry;
pub mod toolkit;

pub use error::Error;
pub use toolkit::Toolkit;

/// What tests of your own need.
#[cfg(feature = "testing")]
pub mod testing {
    pub use crate::clock::ManualClock;
}
