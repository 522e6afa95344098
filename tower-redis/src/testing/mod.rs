//! What tests of your own need.
//!
//! [`ManualClock`] turns the time, [`SeededChance`] makes chance come again, [`FarServer`] is a Redis in memory that several toolkits share, and
//! [`assert_survives`] proves that a value which was found in Redis is the one that was stored there:
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use tower_redis::testing::assert_survives;
//!
//! #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
//! struct Quote {
//!     symbol: String,
//!     cents: Option<u64>,
//! }
//!
//! assert_survives(&Quote { symbol: "ACME".into(), cents: Some(4_200) });
//! ```
//!
//! Give it a value in which nothing is a default, one for each variant: what is lost comes back as the default, and
//! a default that comes back as itself proves nothing.

pub use crate::cache::{CacheFault, Committed};
pub use crate::clock::ManualClock;
pub use crate::codec::survival::{Mismatch, assert_survives, reads_back, survives};
#[cfg(feature = "http-cache")]
pub use crate::middleware::http_cache::{HttpCacheCommitted, HttpCacheFault};
pub use crate::rng::SeededChance;
pub use crate::store::{FarProcess, FarServer, Fault, Mishap};
