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
//! # Which form
//!
//! Values are written as JSON, compact and readable in `redis-cli`, unless a cache or `CACHE_CODEC`
//! says [`Format::MessagePack`]; large ones are [compressed](Compression) as a cache or
//! `CACHE_COMPRESSION` says. How a payload was made stands beside it, so a reader never guesses: it
//! reads every form and every compression that it has the feature for, whatever it writes itself. What
//! it cannot read is a miss, counted in `CacheStats::undecodable`, and is loaded and written anew.
//!
//! ```
//! use tower_redis::Toolkit;
//! use tower_redis::codec::{Compression, Format};
//!
//! # fn main() -> Result<(), tower_redis::Error> {
//! let toolkit = Toolkit::in_memory();
//! let mut pages = toolkit
//!     .cache::<u64, String>("pages")
//!     .compression(Compression::Lz4, 16_384); // from 16 KiB on
//! if Format::MessagePack.missing_feature().is_none() {
//!     pages = pages.codec(Format::MessagePack);
//! }
//! let pages = pages.build()?; // would be an error with the feature off
//! # Ok(())
//! # }
//! ```
//!
//! Under [exact keys](crate::cache::CacheBuilder::exact_keys) lies plain JSON whatever `CACHE_CODEC` says,
//! because other programs know it, and because nothing beside it says how to read it.
//!
//! # Two versions at once
//!
//! Two versions of a service may be up at once, with two versions of `Quote`. They must not read each
//! other's values, and need not: the name under which a cache keeps its values in Redis ends in a
//! fingerprint of the shape that `serde` sees, so a renamed field makes another name. The form and the
//! compression are no part of it: instances that differ in these alone share their values, and above all
//! their invalidations. Turn a feature on everywhere before one of them writes what needs it; until then
//! those without it load what they cannot read.
//!
//! # What does not come back
//!
//! A value that was found in this process is the very one that was stored; one that was found in Redis has been written
//! and read. These differ where `serde` or the form loses something:
//!
//! | what | JSON | MessagePack |
//! |---|---|---|
//! | a field with `#[serde(skip)]`, or `skip_deserializing` | comes back as its default | the same |
//! | `skip_serializing_if`, where the field has no default | is not read, unless it is an `Option` | the same |
//! | `Some(None)`, `Some(())` | comes back as `None` | the same |
//! | a NaN, an infinity | is written as `null`: not read as a number, and `None` as an `Option` | comes back |
//! | a map whose keys are no text, number, `bool` or `char` | cannot be written | comes back |
//! | `i128` and `u128` | come back, but not inside what is flattened, untagged or internally tagged | the same |
//! | a map with number keys inside what is flattened, untagged or internally tagged | is not read | comes back |
//! | two variants of an untagged enum that look alike | the first one comes back | the same |
//! | nested deeper than 127 | is written, and not read | the same |
//! | `Vec<u8>` | comes back, as a list of numbers | the same; `serde_bytes` makes it bytes |
//!
//! What borrows (`&'static str`) is no [`CacheValue`] or depends on where it was read from; `String`, `Arc<str>` and
//! `Cow<'static, str>` are. `testing::assert_survives(&value)` (feature `testing`) proves in a test that a value is not among
//! these.

mod bound;
#[cfg_attr(
    not(any(feature = "redis", feature = "testing")),
    allow(dead_code, unused_imports, reason = "without Redis nothing travels")
)]
mod coding;
mod compression;
mod contract;
mod format;
mod json;
mod lz4;
#[cfg(feature = "msgpack")]
mod message_pack;
mod packing;
mod shape;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod survival;
mod value;
#[cfg(feature = "msgpack")]
mod whole;
#[cfg(feature = "zstd")]
mod zstd;

pub(crate) use coding::{Coding, Packed};
pub use compression::Compression;
pub(crate) use contract::Codec;
pub use format::Format;
pub(crate) use packing::{Chosen, Packing};
pub(crate) use shape::Shape;
pub use value::CacheValue;
