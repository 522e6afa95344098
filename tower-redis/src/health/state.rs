//! What is known of Redis without asking it.

use std::fmt;

/// Whether Redis is there, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RedisState {
    /// No setting names one: everything is in memory.
    NotConfigured,
    /// It answered when it was last asked.
    Connected,
    /// It did not, or it has not been asked yet.
    Disconnected,
}

impl RedisState {
    /// It in words: `not configured`, `connected` or `disconnected`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotConfigured => "not configured",
            Self::Connected => "connected",
            Self::Disconnected => "disconnected",
        }
    }
}

impl fmt::Display for RedisState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
