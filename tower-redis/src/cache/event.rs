//! What a listener of a cache is told.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Something that happened in a cache, in this process. A key is told in its [written form](crate::key).
#[non_exhaustive]
pub enum CacheEvent<'a, V> {
    /// A value is no longer in this process.
    #[non_exhaustive]
    Left {
        /// Its key.
        key: &'a str,
        /// What was there.
        value: &'a V,
        /// Why it went.
        why: Leaving,
    },
    /// A load failed. Something stale may have answered in its place.
    #[non_exhaustive]
    LoadFailed {
        /// The key that was loaded.
        key: &'a str,
    },
    /// What a load brought was not stored, since an invalidation, or the load of another process, came first.
    #[non_exhaustive]
    FillRefused {
        /// The key that was loaded.
        key: &'a str,
    },
}

/// Why a value is no longer in a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Leaving {
    /// There was no room for it any more; or there never was, since it is too heavy.
    Capacity,
    /// Its time was over, and its room was needed.
    Ended,
    /// It was invalidated, by its key or with others, here or by another process.
    Removed,
    /// Another value of the same key took its place.
    Replaced,
    /// Everything was removed.
    Cleared,
}

impl Leaving {
    /// `capacity`, `ended`, `removed`, `replaced` or `cleared`, for logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Capacity => "capacity",
            Self::Ended => "ended",
            Self::Removed => "removed",
            Self::Replaced => "replaced",
            Self::Cleared => "cleared",
        }
    }
}

// what is stored, and under which key, is nobody's business in a log
impl<V> fmt::Debug for CacheEvent<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Left { why, .. } => f
                .debug_struct("Left")
                .field("why", why)
                .finish_non_exhaustive(),
            Self::LoadFailed { .. } => f.debug_struct("LoadFailed").finish_non_exhaustive(),
            Self::FillRefused { .. } => f.debug_struct("FillRefused").finish_non_exhaustive(),
        }
    }
}

/// Who is told.
pub(crate) struct Listener<V>(Arc<Told<V>>);

/// What a listener does with an event.
type Told<V> = dyn Fn(&CacheEvent<'_, V>) + Send + Sync;

impl<V> Listener<V> {
    pub(super) fn new(told: impl Fn(&CacheEvent<'_, V>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(told))
    }

    /// Tells it. Whoever does holds no lock.
    pub(super) fn tell(&self, event: &CacheEvent<'_, V>) {
        quietly(|| (self.0)(event));
    }
}

/// Runs code of a user whose panics are nobody's but its own: the panic hook has told of them.
pub(super) fn quietly(told: impl FnOnce()) {
    drop(catch_unwind(AssertUnwindSafe(told)));
}

/// `key` as it is told.
pub(super) fn written(key: &[u8]) -> &str {
    // keys are written as text
    std::str::from_utf8(key).unwrap_or_default()
}
