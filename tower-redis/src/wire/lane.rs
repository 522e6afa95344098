//! Which connection a call takes.

/// Values and small decisions travel apart, so that a large value does not delay a limit check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Lane {
    /// Stored values.
    Cache,
    /// Leases, tokens, limits, messages.
    Control,
}
