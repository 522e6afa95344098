//! Everything that knows Tower and HTTP.

pub mod scope;
