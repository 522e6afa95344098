//! What belongs to the user, and to the server's operator, is not said: not in the log at any level, not
//! by a panic, not in `/metrics`, `/cache/stats` and `/health/deep`, and by no `Debug` or `Display` of a
//! public type.
//!
//! Everything secret is a text with one word in it that is nowhere else (see `tests::canary`), and everything that is
//! said is searched for that word, whichever way it is written. Names of caches, policies, channels and
//! settings are public: they are labels of metrics and stand in messages. So is the prefix that a foreign
//! `cache:invalidate` names, which the instance that does it logs.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of tests fails as a test does"
)]

mod counting;
mod failing;
mod instance;
mod library;
mod loading;
mod mistakes;
mod program;
mod public;
mod said;
mod trouble;
mod web;
