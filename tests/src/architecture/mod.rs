//! Reads the sources of a crate and says which laws of the house they break.
//!
//! The laws are those of `ARCHITECTURE.md`; which module stands where is in `house.rs`. The sources are
//! parsed and not compiled, so code behind every feature is read, and what a macro expands to is not.

mod breach;
mod check;
mod house;
mod import;
mod laws;
mod reference;
mod resolve;
mod tree;

pub use breach::Breach;
pub use check::{Survey, survey};
pub use house::{CACHE_MACROS, DEMO_SERVER, House, TESTS, TOWER_REDIS};
