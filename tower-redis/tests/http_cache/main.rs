//! The HTTP cache around a scripted origin, with the clock in hand.
#![cfg(all(feature = "http-cache", feature = "testing"))]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod origin;

mod bodies;
mod foreground;
mod freshness;
mod http2;
mod invalidation;
mod keys;
mod misses;
mod order;
mod parts;
mod poisoning;
mod purge;
mod ranges;
mod rfc;
mod rules;
mod safety;
mod sections;
mod shared;
mod stacks;
mod stale;
mod storing;
mod streaming;
mod superseded;
mod told;
mod validation;
mod vary;
