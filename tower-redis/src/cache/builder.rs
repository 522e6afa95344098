//! How a cache is set up.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use crate::codec::{CacheValue, Compression, Format};
use crate::error::Error;

use super::assembly::{EngineBuilder, Surroundings};
use super::event::{CacheEvent, Listener};
use super::far::{Naming, Serial};
use super::freshness::Early;
use super::hold::Pointed;
use super::near::Bound;
use super::terms::{Ttl, Weigh, absent_at_most};
use super::typed::Cache;

/// Sets up a [`Cache`]; made by `Toolkit::cache`.
///
/// Unless told otherwise a cache holds 10,000 entries, each for `CACHE_DEFAULT_TTL` (one hour).
#[must_use = "a builder does nothing until `build` is called"]
pub struct CacheBuilder<K, V: Clone + Send + Sync + 'static> {
    engine: EngineBuilder<Pointed<V>>,
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

    /// How long a loaded value lives; `CACHE_DEFAULT_TTL`, an hour unless it is set, when this is not called.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.engine.ttl = Ttl::Fixed(ttl);
        self
    }

    /// How long a loaded value lives, from the value. One that lives for no time is not stored.
    pub fn ttl_with(mut self, ttl: impl Fn(&V) -> Duration + Send + Sync + 'static) -> Self {
        self.engine.ttl = Ttl::Of(Arc::new(ttl));
        self
    }

    /// The tags of a loaded value, besides those that a call names. They are known only after the load; one that was
    /// invalidated or expired meanwhile, in this process or another, counts all the same: who waited for the load has
    /// the value, and it is not kept. Nor is it where that cannot be told: when more than 4,096 tags were invalidated
    /// during the load, or any and Redis did not know this one.
    pub fn tags_with(mut self, tags: impl Fn(&V) -> Vec<String> + Send + Sync + 'static) -> Self {
        self.engine.tags_of = Some(Arc::new(tags));
        self
    }

    /// Keeps only values of which `keeps` says so; the others go to those who waited for them. What was there before
    /// one that is not kept is not the answer any more, fresh or stale, and is removed. It concerns
    /// [`put`](Cache::put), too.
    pub fn cache_if(mut self, keeps: impl Fn(&V) -> bool + Send + Sync + 'static) -> Self {
        self.engine.keeps = Some(Arc::new(keeps));
        self
    }

    /// What is in this process is compared with Redis again after `ttl`, although it lives longer. Without
    /// Redis nothing lives longer than this, and what is stale counts from there.
    pub fn near_ttl(mut self, ttl: Duration) -> Self {
        self.engine.freshness.near = Some(ttl);
        self
    }

    /// What is not used for `idle` is gone, however long it could live: a sliding expiry. With Redis that is
    /// so when no process has used it; whoever keeps using a copy asks Redis twice in that time.
    pub fn time_to_idle(mut self, idle: Duration) -> Self {
        self.engine.freshness.idle = Some(idle);
        self
    }

    /// Takes up to this part from the life of each value, by chance, so that what was loaded together does not
    /// end together: `0.1` for up to a tenth.
    pub fn jitter(mut self, part: f64) -> Self {
        self.engine.freshness.jitter = part;
        self
    }

    /// A value that is asked for after this part of its life is loaded anew, once, although it is still fresh:
    /// `0.75` for the last quarter. Who asks gets the value that is there and does not wait, where the load is
    /// [detached](Cache::get_or_load_detached).
    pub fn refresh_after(mut self, part: f64) -> Self {
        self.engine.freshness.early = Early::After(part);
        self
    }

    /// A value is loaded anew before it ends, by chance: the more likely the nearer its end and the longer its
    /// load took, so that the loads of many processes fall apart. `beta` above 1 is earlier, below it later; 1
    /// is the optimum. This is XFetch, from "Optimal Probabilistic Cache Stampede Prevention" (VLDB 2015).
    pub fn refresh_by_chance(mut self, beta: f64) -> Self {
        self.engine.freshness.early = Early::XFetch(beta);
        self
    }

    /// For how long a value that has ended may answer while it is loaded anew. Where the load is
    /// [detached](Cache::get_or_load_detached), nobody waits for it; otherwise the one who loads does. When it
    /// fails, or panics, it is tried again after a second, or what [`throttle`](Self::throttle) says.
    pub fn stale_while_revalidate(mut self, window: Duration) -> Self {
        self.engine.freshness.windows.while_revalidate = window;
        self
    }

    /// For how long a value that has ended may answer when the load fails. It counts from the end of the
    /// last value that was loaded: failures do not lengthen it.
    pub fn stale_if_error(mut self, window: Duration) -> Self {
        self.engine.freshness.windows.if_error = window;
        self
    }

    /// For how long a value that has ended is shown to the [load](super::CacheEntry::load_with) that replaces
    /// it, if it is not for as long anyway.
    pub fn keep_for_revalidation(mut self, window: Duration) -> Self {
        self.engine.freshness.windows.to_revalidate = window;
        self
    }

    /// How long a caller waits for a load while something stale could answer ([`stale_if_error`]). The load
    /// goes on. It concerns [detached](Cache::get_or_load_detached) loads and those who wait for them. Outside a Tokio
    /// runtime, and in one without timers, nobody is told that the time is over, and all wait.
    ///
    /// The hard timeout of a load is [`within`](super::within).
    ///
    /// [`stale_if_error`]: Self::stale_if_error
    pub fn soft_timeout(mut self, timeout: Duration) -> Self {
        self.engine.loads.soft_timeout = Some(timeout);
        self
    }

    /// After a failed load the same is not tried again for `rest`: what is stale answers, or else the error. When
    /// this is not called, that is one second, and only where something stale answers. One that panics has failed.
    ///
    /// Where the error of a cached function can neither be cloned nor be made from [`Shared`](super::Shared) there is
    /// none to answer with, and only something stale spares the next load.
    ///
    /// The last 4,096 failures are remembered, and fewer where their keys have more than 1 MiB together.
    pub fn throttle(mut self, rest: Duration) -> Self {
        self.engine.loads.throttle = Some(rest);
        self
    }

    /// Of all processes that miss a key at the same time one loads it, and the others wait for what it brings:
    /// for a load that is worth more than two messages. Without it each process loads at most once.
    ///
    /// A process that loads says so three times in 300 ms. When it is not heard of for that long, or gives up, the
    /// next one takes over; when its load fails, the others load for themselves. While Redis does not answer,
    /// outside a Tokio runtime, and where another load needs the value, each process loads for itself.
    pub fn fleet_flight(mut self) -> Self {
        self.engine.loads.fleet_flight = true;
        self
    }

    /// Holds at most `entries` in this process, 10,000 when this is not called; from 128 on they lie in shards,
    /// each with its share. A shard may be full before the others are: what has to be kept at any price needs some room
    /// more.
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

    /// Has `told` told what leaves this process, which loads fail and what they bring in vain.
    ///
    /// It is called by whoever did it, once it is done, while no lock is held: it may use the cache. Whoever did it
    /// waits for it, so it should only note what it hears. A panic in it concerns nobody else. A hit tells nothing
    /// and costs nothing more. What has ended is told of when its room is needed, not when its time is over, and
    /// what became unusable with a tag when something takes its place.
    pub fn on_event(mut self, told: impl Fn(&CacheEvent<'_, V>) + Send + Sync + 'static) -> Self {
        self.engine.listener = Some(Listener::new(told));
        self
    }

    /// The cache.
    ///
    /// # Errors
    /// When the capacity, or a duration that says how long something lives, is zero; when a part is not one of 0
    /// to 1, or `beta` no positive number; when there is a soft timeout and nothing stale is kept; when the prefix of exact keys is empty; or when the form or compression
    /// of values is one that this build or exact keys cannot have: the error names the feature that is off.
    pub fn build(self) -> Result<Cache<K, V>, Error> {
        self.engine.build(self.surroundings).map(Cache::new)
    }
}

impl<K, V: Clone + Send + Sync + 'static> fmt::Debug for CacheBuilder<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheBuilder")
            .field("name", &self.engine.name)
            .field("bound", &self.engine.bound)
            .finish_non_exhaustive()
    }
}

impl<K, T: Clone + Send + Sync + 'static> CacheBuilder<K, Option<T>> {
    /// How long at most it is remembered that there is nothing, `None`; the TTL is that of everything else. Zero
    /// remembers nothing.
    pub fn negative_ttl(mut self, negative: Duration) -> Self {
        self.engine.most = Some(absent_at_most(negative));
        self
    }
}
