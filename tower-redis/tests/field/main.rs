//! Seventeen experiments in which other caches went wrong, each with the outcome that is right.
//!
//! They come from a report that ran them against the libraries of the field; `docs/caching-features.md` lists
//! them beside what went wrong there. Nothing here measures time: what ran is counted, and clocks are turned.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod alone;
mod answers;
mod deploy;
mod features;
mod flight;
mod invalidation;
mod keys;
mod redis;
mod support;
mod time;
