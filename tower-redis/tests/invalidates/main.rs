//! `#[invalidates]` does what its documentation says.
#![cfg(all(feature = "macros", feature = "testing"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(feature = "redis")]
mod in_redis;
mod outcomes;
mod shapes;
mod sharing;
mod support;
mod what;
