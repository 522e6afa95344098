//! The HTTP cache beside a reference that was written from the RFCs: random histories of requests and answers through
//! both, and every difference between them is a fault of one.
//!
//! `TORTURE_SEED=7 cargo test -p tower-redis-tests --test http_cache histories` runs that one history;
//! `TORTURE_SEEDS=1000000` runs so many.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a helper of tests fails as a test does, and a table is printed"
)]

mod counts;
mod faults;
mod grammar;
mod histories;
mod history;
mod message;
mod origin;
mod reference;
mod run;
mod shrink;
