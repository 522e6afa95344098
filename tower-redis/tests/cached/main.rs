//! `#[cached]` does what its documentation says.
#![cfg(feature = "macros")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod arguments;
mod bounds;
mod companions;
#[cfg(feature = "testing")]
mod conditional;
#[cfg(feature = "testing")]
mod engine;
mod flight;
mod futures;
#[cfg(feature = "testing")]
mod given;
mod keys;
mod methods;
#[cfg(feature = "testing")]
mod names;
mod options;
#[cfg(feature = "redis")]
mod packed;
#[cfg(feature = "testing")]
mod places;
mod returns;
mod support;
mod sync;
#[cfg(feature = "testing")]
mod tenants;
#[cfg(feature = "testing")]
mod theirs;
#[cfg(feature = "testing")]
mod times;
#[cfg(feature = "testing")]
mod toolkit;
