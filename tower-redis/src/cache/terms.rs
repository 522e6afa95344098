//! What a cache and a call say about what is stored.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::Clock;
#[cfg(feature = "http-cache")]
use crate::clock::Moment;
use crate::tasks::Tasks;

use super::event::Listener;
use super::far::Far;
use super::freshness::{Freshness, Windows};
use super::hold::Hold;
use super::near::Near;
use super::tagging::Tagging;

/// How long values live: one duration, or one per value.
pub(crate) enum Ttl<T> {
    Fixed(Duration),
    Of(Arc<dyn Fn(&T) -> Duration + Send + Sync>),
}

impl<T> Ttl<T> {
    pub(crate) fn of(&self, value: &T) -> Duration {
        match self {
            Self::Fixed(ttl) => *ttl,
            Self::Of(ttl) => ttl(value),
        }
    }
}

/// How long a value lives at most.
pub(crate) type Most<T> = Arc<dyn Fn(&T) -> Duration + Send + Sync>;

/// `negative` for what is not there.
pub(crate) fn absent_at_most<T: 'static>(negative: Duration) -> Most<Option<T>> {
    Arc::new(move |value| match value {
        Some(_) => Duration::MAX,
        None => negative,
    })
}

/// Whether a value is kept.
pub(crate) type Keeps<T> = Arc<dyn Fn(&T) -> bool + Send + Sync>;

/// How long values live, where that was changed while the cache is used: in nanoseconds, or 0.
#[derive(Debug, Default)]
pub(crate) struct ChangedTtl(AtomicU64);

impl ChangedTtl {
    pub(super) fn get(&self) -> Option<Duration> {
        let nanos = self.0.load(Ordering::Relaxed);
        (nanos > 0).then(|| Duration::from_nanos(nanos))
    }

    /// `ttl` is not zero.
    pub(super) fn set(&self, ttl: Duration) {
        let nanos = u64::try_from(ttl.as_nanos()).unwrap_or(u64::MAX);
        self.0.store(nanos, Ordering::Relaxed);
    }
}

/// The tags of a value.
pub(crate) type TagsOf<T> = Arc<dyn Fn(&T) -> Vec<String> + Send + Sync>;

/// What is stored of a new value and the one that is there, where that is both: `(new, current, terms)`. It runs
/// under the lock of the key, so it is ours, never the user's.
#[cfg(feature = "http-cache")]
pub(crate) type Merge<T> = fn(&T, Option<&T>, Merging) -> T;

/// What a [`Merge`] has to keep to.
#[cfg(feature = "http-cache")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Merging {
    pub(crate) now: Moment,
    /// The weight that an entry can have.
    pub(crate) heaviest: u64,
    pub(crate) key: usize,
}

/// What an entry weighs against the bound of its tier.
pub(crate) enum Weigh<T> {
    /// One.
    Entry,
    /// Bytes: of the value as told by this, of the key, and of an entry's own upkeep.
    Bytes(Arc<dyn Fn(&T) -> usize + Send + Sync>),
}

impl<T> Weigh<T> {
    pub(crate) fn of(&self, key: &[u8], value: &T) -> u64 {
        // what an entry costs besides key and value: both headers, the hash table, the policy's links
        const UPKEEP: usize = 128;
        match self {
            Self::Entry => 1,
            Self::Bytes(weigh) => {
                let bytes = weigh(value).saturating_add(key.len());
                u64::try_from(bytes.saturating_add(UPKEEP)).unwrap_or(u64::MAX)
            }
        }
    }
}

/// What a cache says about loads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Loads {
    /// How long somebody waits for a load who could have something stale.
    pub(crate) soft_timeout: Option<Duration>,
    /// How long a key rests whose load has failed, and whether errors are answered meanwhile: where nothing
    /// is said, a second, and they are not.
    pub(crate) throttle: Option<Duration>,
    /// One load in all processes, instead of one in each.
    pub(crate) fleet_flight: bool,
}

impl Loads {
    pub(super) fn rest(&self) -> Duration {
        const REST: Duration = Duration::from_secs(1);
        self.throttle.unwrap_or(REST)
    }
}

/// What an engine is made of.
pub(crate) struct Parts<V: Hold> {
    pub(crate) name: Arc<str>,
    pub(crate) enabled: bool,
    pub(crate) near: Near<V>,
    pub(crate) ttl: Ttl<V::Value>,
    pub(crate) tags_of: Option<TagsOf<V::Value>>,
    pub(crate) keeps: Option<Keeps<V::Value>>,
    pub(crate) most: Option<Most<V::Value>>,
    pub(crate) weigh: Weigh<V::Value>,
    #[cfg(feature = "http-cache")]
    pub(crate) merge: Option<Merge<V::Value>>,
    pub(crate) freshness: Freshness,
    pub(crate) loads: Loads,
    pub(crate) listener: Option<Listener<V::Value>>,
    pub(crate) tags: Tagging,
    pub(crate) far: Option<Far<V>>,
    pub(crate) clock: Clock,
    pub(crate) tasks: Tasks,
}

/// What one call says about one key, besides the key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Call {
    pub(crate) tags: Vec<Box<str>>,
    pub(crate) ttl: Option<Duration>,
    /// As if there were no cache.
    pub(crate) bypass: bool,
    pub(crate) windows: Option<Windows>,
    pub(crate) soft_timeout: Option<Duration>,
    /// The load may bring tags.
    pub(crate) late_tags: bool,
    /// Each process loads for itself, whatever the cache says.
    pub(crate) per_process: bool,
    /// Its thread does nothing else while it waits.
    pub(crate) blocks: bool,
}
