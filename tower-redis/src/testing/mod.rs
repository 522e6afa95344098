//! What tests of your own need.

pub use crate::clock::ManualClock;
