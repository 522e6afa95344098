//! When a function invalidates.

/// When things are invalidated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct When {
    pub(crate) before: bool,
    pub(crate) after: bool,
}
