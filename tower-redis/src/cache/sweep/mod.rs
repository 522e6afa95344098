//! Making room of what has ended.

mod state;
mod steps;

pub(super) use state::Sweep;
