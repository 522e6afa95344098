//! Processes that die with the test, and what they said.

mod program;
pub(crate) mod watched;

pub use program::{Ended, Program, Serving};
