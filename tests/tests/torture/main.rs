//! Two processes over one far tier, whatever happens to it; `tests::torture` holds what they answered against
//! what was promised.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]
#![expect(
    clippy::print_stdout,
    reason = "a process says on stdout what it did, and a run how it went"
)]

mod in_memory;
mod keys;
mod over_redis;
mod random;
mod report;
