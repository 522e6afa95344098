//! Caches of several processes over one far tier, here a Redis in memory whose clock a test turns.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

mod codec;
mod exact;
mod fleet;
#[cfg(all(feature = "macros", feature = "redis"))]
mod in_redis;
mod invalidation;
mod lookups;
#[cfg(all(feature = "macros", feature = "redis"))]
mod many;
mod outage;
#[cfg(all(feature = "macros", feature = "redis"))]
mod owed;
#[cfg(feature = "macros")]
mod replacing;
#[cfg(feature = "redis")]
mod rights;
mod stale;
mod support;
mod tags;
