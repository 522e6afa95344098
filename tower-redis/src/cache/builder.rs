//! How a cache is set up.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::codec::{CacheValue, Chosen, Codec, Compression, Format, Packing};
use crate::error::Error;
use crate::registry::Registry;
use crate::tasks::Tasks;

use super::engine::Engine;
use super::far::{Far, FarSettings, Naming, Serial};
use super::near::{Bound, Near};
use super::stats::CacheStats;
use super::tagging::Tagging;
use super::terms::{Parts, Ttl, Weigh};
use super::typed::Cache;

/// Entries a cache holds when nothing is said.
pub(crate) const DEFAULT_CAPACITY: u64 = 10_000;

/// What a cache takes from the toolkit it belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    pub(crate) enabled: bool,
    pub(crate) default_ttl: Duration,
    pub(crate) packing: Packing,
    pub(crate) tags: Tagging,
    pub(crate) far: Option<FarSettings>,
    pub(crate) clock: Clock,
    pub(crate) tasks: Tasks,
    pub(crate) registry: Arc<Registry<CacheStats>>,
}

/// Sets up an engine: what [`CacheBuilder`] and the other views have in common.
pub(crate) struct EngineBuilder<V> {
    pub(crate) name: Arc<str>,
    pub(crate) bound: Bound,
    pub(crate) ttl: Ttl<V>,
    pub(crate) weigh: Weigh<V>,
    /// See [`Near::new`].
    pub(crate) heaviest: u64,
    pub(crate) naming: Naming,
    /// How values travel; `None` keeps them in this process.
    pub(crate) serial: Option<Serial<V>>,
    pub(crate) chosen: Chosen,
}

impl<V: Send + Sync + 'static> EngineBuilder<V> {
    pub(crate) fn new(name: &str, surroundings: &Surroundings) -> Self {
        Self {
            name: name.into(),
            bound: Bound::Entries(DEFAULT_CAPACITY),
            ttl: Ttl::Fixed(surroundings.default_ttl),
            weigh: Weigh::Entry,
            heaviest: 0,
            naming: Naming::Named,
            serial: None,
            chosen: Chosen::default(),
        }
    }

    /// What packs values, if they travel.
    fn codec(&self, usual: Packing) -> Result<Option<Codec<V>>, Error> {
        let Some(serial) = &self.serial else {
            return Ok(None);
        };
        let chosen = if self.naming.is_exact() {
            self.chosen.for_others()
        } else {
            Ok(self.chosen)
        };
        let codec = chosen.and_then(|chosen| serial.codec(chosen.over(usual)));
        codec.map(Some).map_err(|error| {
            let name = &self.name;
            Error::config(format!("cache `{name}`: {error}"))
        })
    }

    pub(crate) fn build(self, surroundings: Surroundings) -> Result<Engine<V>, Error> {
        let refuse = |what: &str, expected: &str| {
            let name = &self.name;
            Err(Error::config(format!(
                "cache `{name}`: {what} is zero; expected {expected}"
            )))
        };
        match self.bound {
            Bound::Entries(0) => return refuse("the capacity", "at least 1 entry"),
            Bound::Bytes(0) => return refuse("the capacity", "at least 1 byte"),
            Bound::Entries(_) | Bound::Bytes(_) => {}
        }
        if matches!(self.ttl, Ttl::Fixed(Duration::ZERO)) {
            return refuse("the TTL", "a duration greater than zero");
        }
        if self.naming.is_too_wide() {
            let name = &self.name;
            return Err(Error::config(format!(
                "cache `{name}`: the prefix of its exact keys is empty; expected at least one \
                 character, as in \"user_profile:\": everything else in Redis would be its entries"
            )));
        }
        let codec = self.codec(surroundings.packing)?;
        let serial = self.serial.zip(codec);
        let far = surroundings
            .far
            .zip(serial)
            .and_then(|(settings, (serial, codec))| {
                let cells = Arc::clone(&surroundings.tags.cells);
                Far::new(&settings, &self.name, self.naming, &serial, codec, cells)
            });
        let engine = Engine::new(Parts {
            near: Near::new(self.bound, self.heaviest)?,
            far,
            name: self.name,
            enabled: surroundings.enabled,
            ttl: self.ttl,
            weigh: self.weigh,
            tags: surroundings.tags,
            clock: surroundings.clock,
            tasks: surroundings.tasks,
        });
        surroundings.registry.add(engine.reports());
        if let Some(far) = engine.far() {
            far.listen(engine.hears());
        }
        Ok(engine)
    }
}

/// Sets up a [`Cache`]; made by `Toolkit::cache`.
///
/// Unless told otherwise a cache holds 10,000 entries, each for `CACHE_DEFAULT_TTL` (one hour).
#[must_use = "a builder does nothing until `build` is called"]
pub struct CacheBuilder<K, V> {
    engine: EngineBuilder<V>,
    surroundings: Surroundings,
    key: PhantomData<fn(&K)>,
}

impl<K, V: CacheValue> CacheBuilder<K, V> {
    pub(crate) fn shared(name: &str, surroundings: Surroundings) -> Self {
        let mut builder = Self::near(name, surroundings);
        builder.engine.serial = Some(Serial::by_serde());
        builder
    }

    /// Keeps values in Redis under exactly `prefix` and the [written form](crate::key) of the key, as
    /// plain JSON and nothing else, so that other programs can read and write them: `GET user_profile:1`.
    /// That holds whatever `CACHE_CODEC` says; [`codec`](Self::codec) with another form is an error.
    ///
    /// Two caches with one prefix share their entries. What another program writes is served as long as
    /// it can be read as a `V`, for as long as the key's TTL says; what cannot is a miss. A value that
    /// has tags does not fit into this form: it is kept with a line in front of it.
    pub fn exact_keys(mut self, prefix: &str) -> Self {
        self.engine.naming = Naming::exact_after(prefix);
        self
    }

    /// How values are written on their way to Redis, in place of what `CACHE_CODEC` says.
    pub fn codec(mut self, format: Format) -> Self {
        self.engine.chosen.format = Some(format);
        self
    }

    /// How values that have `from` bytes and more, once they are written, are compressed on their way to
    /// Redis; in place of what `CACHE_COMPRESSION` and `CACHE_COMPRESS_FROM` say. What gets no shorter is
    /// left alone, and so is what lies under an exact key.
    pub fn compression(mut self, compression: Compression, from: usize) -> Self {
        self.engine.chosen.compression = Some((compression, from));
        self
    }
}

impl<K, V: Clone + Send + Sync + 'static> CacheBuilder<K, V> {
    pub(crate) fn near(name: &str, surroundings: Surroundings) -> Self {
        Self {
            engine: EngineBuilder::new(name, &surroundings),
            surroundings,
            key: PhantomData,
        }
    }

    /// How long a loaded value lives.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.engine.ttl = Ttl::Fixed(ttl);
        self
    }

    /// How long a loaded value lives, from the value. One that lives for no time is not stored.
    pub fn ttl_with(mut self, ttl: impl Fn(&V) -> Duration + Send + Sync + 'static) -> Self {
        self.engine.ttl = Ttl::Of(Arc::new(ttl));
        self
    }

    /// Holds at most `entries` in this process; past 64 they lie in shards, and rounding may leave room
    /// for one more in each.
    pub fn capacity(mut self, entries: u64) -> Self {
        self.engine.bound = Bound::Entries(entries);
        self.engine.weigh = Weigh::Entry;
        self
    }

    /// Holds at most `bytes` in this process, where `weigh` tells the bytes of a value; those of the
    /// key and 128 for the upkeep of an entry are added. A value that is heavier than the share of one
    /// shard is not kept.
    pub fn capacity_bytes(
        mut self,
        bytes: u64,
        weigh: impl Fn(&V) -> usize + Send + Sync + 'static,
    ) -> Self {
        self.engine.bound = Bound::Bytes(bytes);
        self.engine.weigh = Weigh::Bytes(Arc::new(weigh));
        self
    }

    /// The cache.
    ///
    /// # Errors
    /// When the capacity or the TTL is zero, the prefix of exact keys is empty, or the form or compression of
    /// values is one that this build or exact keys cannot have; the error names the feature that is off.
    pub fn build(self) -> Result<Cache<K, V>, Error> {
        self.engine.build(self.surroundings).map(Cache::new)
    }
}

impl<K, V> fmt::Debug for CacheBuilder<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheBuilder")
            .field("name", &self.engine.name)
            .field("bound", &self.engine.bound)
            .finish_non_exhaustive()
    }
}
