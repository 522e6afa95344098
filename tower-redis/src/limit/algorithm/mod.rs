//! The algorithms: pure integer functions of a state, an instant and a cost.

mod concurrency;
mod fixed_window;
mod gcra;
#[cfg(test)]
pub(crate) mod laws;
mod list;
mod sliding_counter;
mod strict_window;
mod token_bucket;

pub(crate) use concurrency::Concurrency;
pub(crate) use fixed_window::FixedWindow;
pub(crate) use gcra::Gcra;
pub(crate) use list::algorithms;
pub(crate) use sliding_counter::SlidingCounter;
#[cfg(all(test, feature = "redis"))]
pub(crate) use strict_window::ENTRIES;
pub(crate) use strict_window::StrictWindow;
pub(crate) use token_bucket::TokenBucket;
