//! Caching and rate limiting for Rust services, as Tower middleware and macros.

pub mod cache;
pub mod clock;
pub mod error;
pub mod key;
#[cfg(feature = "http-cache")]
pub mod middleware;
mod scope;
mod telemetry;

pub use error::Error;

/// What tests of your own need.
#[cfg(feature = "testing")]
pub mod testing {
    pub use crate::clock::ManualClock;
}
