//! What a caller is told about a lookup and about an invalidation.

use std::fmt;

/// How a lookup was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// A fresh value was in this process.
    Near,
    /// Nothing usable was there; this call ran the load.
    Loaded,
    /// Nothing usable was there; this call got what another call's load brought.
    Coalesced,
    /// Caching is off (`CACHE_ENABLED=false`); the load ran as if there were no cache.
    Bypass,
}

impl Status {
    /// `hit`, `miss`, `coalesced` or `bypass`, for logs and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Near => "hit",
            Self::Loaded => "miss",
            Self::Coalesced => "coalesced",
            Self::Bypass => "bypass",
        }
    }

    /// The tier the value came from: `near`, or `none` when it had to be loaded.
    #[must_use]
    pub const fn tier(self) -> &'static str {
        match self {
            Self::Near => "near",
            Self::Loaded | Self::Coalesced | Self::Bypass => "none",
        }
    }
}

/// A value together with how the lookup was answered.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lookup<T> {
    /// What the lookup answered.
    pub value: T,
    /// Where it came from.
    pub status: Status,
}

// what is stored is nobody's business in a log
impl<T> fmt::Debug for Lookup<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl<T> Lookup<T> {
    pub(crate) fn new(value: T, status: Status) -> Self {
        Self { value, status }
    }

    #[cfg(feature = "macros")]
    pub(crate) fn map<U>(self, f: impl FnOnce(T) -> U) -> Lookup<U> {
        Lookup::new(f(self.value), self.status)
    }
}

/// What an invalidation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Invalidated {
    /// Entries removed from this process. An invalidation by tag makes entries unusable without
    /// visiting them, and counts none.
    pub dropped: usize,
}

impl Invalidated {
    pub(crate) fn dropping(dropped: usize) -> Self {
        Self { dropped }
    }
}
