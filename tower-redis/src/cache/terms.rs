//! What a cache and a call say about what is stored.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::tasks::Tasks;

use super::far::Far;
use super::near::Near;
use super::tagging::Tagging;

/// How long values live: one duration, or one per value.
pub(crate) enum Ttl<V> {
    Fixed(Duration),
    Of(Arc<dyn Fn(&V) -> Duration + Send + Sync>),
}

impl<V> Ttl<V> {
    pub(crate) fn of(&self, value: &V) -> Duration {
        match self {
            Self::Fixed(ttl) => *ttl,
            Self::Of(ttl) => ttl(value),
        }
    }
}

/// What an entry weighs against the bound of its tier.
pub(crate) enum Weigh<V> {
    /// One.
    Entry,
    /// Bytes: of the value as told by this, of the key, and of an entry's own upkeep.
    Bytes(Arc<dyn Fn(&V) -> usize + Send + Sync>),
}

impl<V> Weigh<V> {
    pub(crate) fn of(&self, key: &[u8], value: &V) -> u64 {
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

/// What an engine is made of.
pub(crate) struct Parts<V> {
    pub(crate) name: Arc<str>,
    pub(crate) enabled: bool,
    pub(crate) near: Near<V>,
    pub(crate) ttl: Ttl<V>,
    pub(crate) weigh: Weigh<V>,
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
}
