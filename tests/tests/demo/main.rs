//! The demo server, over real sockets and with a clock that a test turns.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

mod bad_input;
mod cached_data;
mod events;
mod limits;
mod pages;
mod report;
mod support;
