//! `#[rate_limited]` does what its documentation says.
#![cfg(feature = "macros")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod beside_cached;
#[cfg(all(feature = "axum", feature = "rate-limit"))]
mod handlers;
#[cfg(feature = "redis")]
mod in_redis;
mod keys;
#[cfg(feature = "testing")]
mod options;
mod outcomes;
mod places;
mod shapes;
mod support;
