//! Where the state of each key is kept.

mod digest;
mod kept;
mod memory;
mod shard;

pub(crate) use memory::Memory;
pub(crate) use shard::Seat;
