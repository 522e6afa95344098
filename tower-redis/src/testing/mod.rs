//! What tests of your own need.

pub use crate::cache::{CacheFault, Committed};
pub use crate::clock::ManualClock;
pub use crate::store::{FarProcess, FarServer, Fault, Mishap};
