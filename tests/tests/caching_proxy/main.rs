//! The example `caching_proxy`, over real sockets: a test holds both ends, so that what passes, and when,
//! is seen as bytes.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

mod arguments;
mod connections;
mod failing;
mod fields;
mod poisoning;
mod requests;
mod stale;
mod streaming;
mod support;
mod wire;
