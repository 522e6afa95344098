//! A typed cache in this process: bounded, with single flight and invalidation that beats loads.

pub(crate) mod builder;
pub(crate) mod engine;
mod entry;
mod flight;
mod lineage;
mod load;
pub(crate) mod near;
pub(crate) mod share;
mod stats;
mod status;
pub(crate) mod tags;
mod typed;

pub use builder::CacheBuilder;
pub use share::Shared;
pub use stats::CacheStats;
pub use status::{Invalidated, Lookup, Status};
pub use typed::{Cache, CacheEntry};
