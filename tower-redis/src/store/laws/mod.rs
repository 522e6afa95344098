//! What every [`Store`](super::contract::Store) has to keep, stated once, as tests that any of them runs.
//!
//! A law that cannot fail says nothing, so each names the ways of being wrong that it has to find, and the
//! tests of the server in memory show that it does.

mod chances;
mod entries;
mod feed;
mod fleet;
mod law;
mod leases;
mod many;
mod matching;
mod sliding;
mod stale;
mod tokens;
mod world;

pub(super) use law::all;
#[cfg(feature = "redis")]
pub(super) use world::unique;
pub(super) use world::{Seat, World, new as value};
