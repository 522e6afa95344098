//! What a caller is told about a lookup and about an invalidation.

use std::fmt;

/// How a lookup was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// A fresh value was in this process.
    Near,
    /// A fresh value was in Redis.
    Far,
    /// A value was there that had expired: it is being loaded anew, or that failed or takes too long.
    Stale,
    /// A value was in this process that may have been invalidated elsewhere, and Redis did not answer.
    Suspect,
    /// Nothing usable was there; this call ran the load.
    Loaded,
    /// Nothing usable was there; this call got what another call's load brought.
    Coalesced,
    /// Caching is off (`CACHE_ENABLED=false`); the load ran as if there were no cache.
    Bypass,
}

impl Status {
    /// `hit`, `stale`, `suspect`, `miss`, `coalesced` or `bypass`, for logs and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Near | Self::Far => "hit",
            Self::Stale => "stale",
            Self::Suspect => "suspect",
            Self::Loaded => "miss",
            Self::Coalesced => "coalesced",
            Self::Bypass => "bypass",
        }
    }

    /// The tier the value came from: `near`, `far`, or `none` when it had to be loaded.
    #[must_use]
    pub const fn tier(self) -> &'static str {
        match self {
            Self::Near | Self::Stale | Self::Suspect => "near",
            Self::Far => "far",
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

    pub(crate) fn map<U>(self, f: impl FnOnce(T) -> U) -> Lookup<U> {
        Lookup::new(f(self.value), self.status)
    }
}

/// What an invalidation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Invalidated {
    /// Entries removed from this process. An invalidation by tag makes entries unusable without
    /// visiting them, and counts none.
    pub dropped: usize,
    /// How far it got.
    pub reach: Reach,
}

/// How far an invalidation got before the call returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reach {
    /// It is done in Redis, and every process is told; without Redis, in this process, which is all there
    /// is.
    Everywhere,
    /// It is done in this process. Redis did not answer, or refused; until it is told, this process does not
    /// read there what the invalidation concerns.
    Pending,
}

impl Reach {
    pub(crate) fn of<T, E>(told: &Result<T, E>) -> Self {
        match told {
            Ok(_) => Self::Everywhere,
            Err(_) => Self::Pending,
        }
    }
}

impl Invalidated {
    pub(crate) fn new(dropped: usize, reach: Reach) -> Self {
        Self { dropped, reach }
    }

    /// Both of them.
    #[cfg(feature = "http-cache")]
    pub(crate) fn and(self, other: Self) -> Self {
        let pending = [self.reach, other.reach].contains(&Reach::Pending);
        let reach = if pending {
            Reach::Pending
        } else {
            Reach::Everywhere
        };
        Self::new(self.dropped + other.dropped, reach)
    }

    pub(crate) fn dropping(dropped: usize) -> Self {
        Self::new(dropped, Reach::Everywhere)
    }
}
