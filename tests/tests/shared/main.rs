//! Several demo servers, each a process of its own, that share one Redis.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of tests fails as a test does"
)]

mod events;
mod extras;
mod figures;
mod fleet;
mod flight;
mod functions;
mod health;
mod http;
mod invalidation;
mod limits;
mod outage;
mod reads;
mod writes;
