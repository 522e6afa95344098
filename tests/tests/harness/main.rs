//! The harness itself: what the other tests rely on.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

mod canary;
mod eventually;
mod figures;
mod process;
mod proxy;
mod redis_server;
