//! What a load brings.

use std::time::Duration;

/// What a load brings, and what it says about it.
#[derive(Debug, Clone)]
pub(crate) struct Made<V> {
    pub(crate) value: V,
    /// How long it lives; `None`: as its call or its cache says.
    pub(crate) ttl: Option<Duration>,
    /// Tags that it was not known to have before.
    pub(crate) tags: Vec<String>,
}

impl<V> Made<V> {
    /// A value of which nothing is said.
    pub(crate) fn of(value: V) -> Self {
        Self {
            value,
            ttl: None,
            tags: Vec::new(),
        }
    }
}
