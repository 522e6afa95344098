//! Whether a value comes back from Redis as it was.

mod check;
mod debugged;
mod mismatch;
mod path;
mod tree;

pub use check::{assert_survives, reads_back, survives};
pub use mismatch::Mismatch;
