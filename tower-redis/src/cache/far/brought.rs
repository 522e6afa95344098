//! What a load brought.

use std::time::Duration;

/// A value and what is known of it.
pub(crate) struct Brought<V> {
    pub(crate) value: V,
    /// How long it lives.
    pub(crate) ttl: Duration,
    /// How long its load took.
    pub(crate) took: Duration,
    /// Tags that came with it.
    pub(crate) tags: Vec<String>,
}
