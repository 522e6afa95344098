//! The algorithms: pure integer functions of a state, an instant and a cost.

mod fixed_window;
mod gcra;
#[cfg(test)]
pub(crate) mod laws;
mod strict_window;

pub(crate) use fixed_window::FixedWindow;
pub(crate) use gcra::Gcra;
pub(crate) use strict_window::StrictWindow;
