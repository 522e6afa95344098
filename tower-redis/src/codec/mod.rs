//! How a value becomes bytes that other processes can read.
//!
//! A value that is shared through Redis is written with `serde`; [`CacheValue`] says so, and every type
//! that has what it takes is one:
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use tower_redis::codec::CacheValue;
//!
//! #[derive(Clone, Serialize, Deserialize)]
//! struct Quote {
//!     symbol: String,
//!     cents: u64,
//! }
//!
//! fn can_travel<V: CacheValue>() {}
//! can_travel::<Quote>();
//! can_travel::<std::sync::Arc<Vec<Quote>>>();
//! ```
//!
//! Values are written as JSON, compact and readable in `redis-cli`; large ones are compressed where
//! that is asked for. How a payload was made stands beside it, so a reader never guesses.
//!
//! Two versions of a service may be up at once, with two versions of `Quote`. They must not read each
//! other's values, and need not: the name under which a cache keeps its values in Redis ends in a
//! fingerprint of the shape that `serde` sees, so a renamed field makes another name.

#[cfg_attr(
    not(any(feature = "redis", feature = "testing")),
    allow(dead_code, unused_imports, reason = "without Redis nothing travels")
)]
mod coding;
mod contract;
mod json;
mod lz4;
mod shape;
mod value;

pub(crate) use coding::{Coding, Packed};
pub(crate) use contract::Codec;
pub(crate) use shape::Shape;
pub use value::CacheValue;
