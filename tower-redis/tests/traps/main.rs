//! The thirty traps that rate limiters fall into, by their numbers in the report that collected them
//! (`docs/limits.md` has the list).
//!
//! Each has one check, which is run twice: what is here passes it, and a small naive version that has the fault
//! must not. A check that the naive version passes would be none.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/warnings.rs"]
mod warnings;

mod answers;
mod clients;
mod costs;
mod failing;
mod fleet;
mod keys;
mod memory;
mod requests;
mod scripts;
mod support;
mod times;
