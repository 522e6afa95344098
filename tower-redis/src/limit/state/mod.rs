//! Where the state of each key is kept.

#[cfg(test)]
#[cfg(feature = "redis")]
mod agreement;
mod digest;
mod kept;
mod memory;
#[cfg(feature = "redis")]
mod namesakes;
#[cfg(feature = "redis")]
mod place;
#[cfg(feature = "redis")]
mod redis;
mod room;
mod shard;
#[cfg(feature = "redis")]
mod subject;

pub(crate) use memory::{Held, Memory};
#[cfg(feature = "redis")]
pub(crate) use place::{Far, Shared};
#[cfg(feature = "redis")]
pub(crate) use redis::{Answer, Ask, One, Part, Stake, ask, unreadable};
pub(crate) use shard::Seat;
