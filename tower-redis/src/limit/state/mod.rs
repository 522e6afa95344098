//! Where the state of each key is kept.

#[cfg(test)]
#[cfg(feature = "redis")]
mod agreement;
mod digest;
mod kept;
mod lock;
mod memory;
#[cfg(feature = "redis")]
mod namesakes;
#[cfg(feature = "redis")]
mod place;
#[cfg(feature = "redis")]
mod redis;
mod room;
#[cfg(feature = "redis")]
mod several;
mod shard;
#[cfg(feature = "redis")]
mod subject;

pub(crate) use memory::{Held, Memory};
#[cfg(feature = "redis")]
pub(crate) use place::{Far, Shared};
#[cfg(feature = "redis")]
pub(crate) use redis::{Answer, Ask, One, Part, Stake, ask, unreadable};
#[cfg(feature = "redis")]
pub(crate) use several::{Asked, ask_several};
pub(crate) use shard::Seat;
