//! The far tier: bytes with a lifetime, a lease and tokens, that several processes share.
//!
//! `docs/protocol.md` says what lies in Redis and why no interleaving serves what was invalidated.

#[cfg(feature = "macros")]
mod apart;
mod arrivals;
mod background;
mod careful;
mod carried;
#[cfg(any(test, feature = "testing"))]
mod chaos;
mod contract;
mod debts;
#[cfg(feature = "redis")]
mod ears;
mod entry;
mod envelope;
mod escape;
mod feed;
#[cfg(test)]
#[cfg(feature = "redis")]
mod fleet_in_redis;
mod foreign;
mod hears;
#[cfg(test)]
#[cfg(feature = "redis")]
mod in_redis;
#[cfg(test)]
mod laws;
#[cfg(any(test, feature = "testing"))]
mod memory;
mod message;
mod names;
#[cfg(feature = "redis")]
mod ops;
mod pattern;
mod paying;
mod pending;
mod position;
#[cfg(feature = "redis")]
mod prefixes;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "redis")]
mod remote;
mod shown;
mod tier;
mod token;
mod wanted;
mod watch;

#[cfg(feature = "macros")]
pub(crate) use apart::apart;
pub(crate) use carried::Tag;
#[cfg(any(test, feature = "testing"))]
pub use chaos::Mishap;
pub(crate) use contract::{Answer, Store};
pub(crate) use entry::{EntryId, Format, Found, Held, Late, Lease, Leased, New, Place};
#[cfg(feature = "http-cache")]
pub(crate) use envelope::LONGEST;
pub(crate) use hears::{Heard, Hears};
#[cfg(any(test, feature = "testing"))]
pub use memory::{FarProcess, FarServer, Fault};
pub(crate) use names::{CacheName, Names};
pub(crate) use pattern::Pattern;
pub(crate) use tier::FarTier;
pub(crate) use token::{Given, Part, Stamp, Token, TokenKey};
pub(crate) use watch::{FeedEpoch, Watch};
