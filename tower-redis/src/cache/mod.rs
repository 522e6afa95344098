//! A typed cache in this process: bounded, with single flight and invalidation that beats loads.

mod builder;
mod engine;
mod entry;
mod flight;
mod lineage;
mod load;
mod near;
mod share;
mod stats;
mod status;
mod tags;
mod typed;

pub use builder::CacheBuilder;
pub use share::Shared;
pub use stats::CacheStats;
pub use status::{Invalidated, Lookup, Status};
pub use typed::{Cache, CacheEntry};
