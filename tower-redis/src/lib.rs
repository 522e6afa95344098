//! Caching and rate limiting for Rust services, as Tower middleware and macros.

pub mod cache;
pub mod clock;
pub mod error;
pub mod key;
#[cfg(feature = "macros")]
#[doc(hidden)]
pub mod macro_support;
mod scope;
mod telemetry;

#[cfg(feature = "macros")]
pub use cache_macros::cached;
pub use error::Error;

/// What tests of your own need.
#[cfg(feature = "testing")]
pub mod testing {
    pub use crate::clock::ManualClock;
}
