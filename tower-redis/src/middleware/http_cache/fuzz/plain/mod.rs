//! Readers that are plain and slow.

pub(crate) mod date;
pub(crate) mod dictionary;
pub(crate) mod list;
pub(crate) mod range;
