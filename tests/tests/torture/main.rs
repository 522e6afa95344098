//! Two processes over one far tier, whatever happens to it; `tests::torture` holds what they answered against
//! what was promised.

#![expect(
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a helper of tests fails as a test does, and processes speak to each other"
)]

mod call;
mod clock;
mod hot_key;
mod in_memory;
mod keys;
mod limits;
mod over_redis;
mod report;
