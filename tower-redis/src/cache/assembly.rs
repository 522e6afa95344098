//! How the engine of a cache is set up: what the builders of all views have in common.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::codec::{Chosen, Codec, Packing};
use crate::error::Error;
use crate::registry::Registry;
use crate::tasks::Tasks;

use super::caches::Caches;
use super::engine::Engine;
use super::event::Listener;
use super::far::{Far, FarSettings, Naming, Serial};
use super::freshness::Freshness;
use super::hold::Hold;
use super::near::{Bound, Near};
use super::stats::CacheStats;
use super::tagging::Tagging;
#[cfg(feature = "http-cache")]
use super::terms::Merge;
use super::terms::{Keeps, Loads, Most, Parts, TagsOf, Ttl, Weigh};

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
    pub(crate) caches: Arc<Caches>,
}

/// Sets up an engine: what the views of it have in common.
pub(crate) struct EngineBuilder<V: Hold> {
    pub(crate) name: Arc<str>,
    pub(crate) bound: Bound,
    pub(crate) ttl: Ttl<V::Value>,
    pub(crate) tags_of: Option<TagsOf<V::Value>>,
    pub(crate) keeps: Option<Keeps<V::Value>>,
    pub(crate) most: Option<Most<V::Value>>,
    pub(crate) freshness: Freshness,
    pub(crate) loads: Loads,
    pub(crate) weigh: Weigh<V::Value>,
    #[cfg(feature = "http-cache")]
    pub(crate) merge: Option<Merge<V::Value>>,
    /// See [`Near::new`].
    pub(crate) heaviest: u64,
    pub(crate) naming: Naming,
    /// How values travel; `None` keeps them in this process.
    pub(crate) serial: Option<Serial<V::Value>>,
    pub(crate) chosen: Chosen,
    pub(crate) listener: Option<Listener<V::Value>>,
}

impl<V: Hold> EngineBuilder<V> {
    pub(crate) fn new(name: &str, surroundings: &Surroundings) -> Self {
        Self {
            name: name.into(),
            bound: Bound::Entries(DEFAULT_CAPACITY),
            ttl: Ttl::Fixed(surroundings.default_ttl),
            tags_of: None,
            keeps: None,
            most: None,
            freshness: Freshness::default(),
            loads: Loads::default(),
            weigh: Weigh::Entry,
            #[cfg(feature = "http-cache")]
            merge: None,
            heaviest: 0,
            naming: Naming::Named,
            serial: None,
            chosen: Chosen::default(),
            listener: None,
        }
    }

    /// What packs values, if they travel.
    fn codec(&self, usual: Packing) -> Result<Option<Codec<V::Value>>, Error> {
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
                "cache `{name}`: {what}; expected {expected}"
            )))
        };
        match self.bound {
            Bound::Entries(0) => return refuse("the capacity is zero", "at least 1 entry"),
            Bound::Bytes(0) => return refuse("the capacity is zero", "at least 1 byte"),
            Bound::Entries(_) | Bound::Bytes(_) => {}
        }
        if matches!(self.ttl, Ttl::Fixed(Duration::ZERO)) {
            return refuse("the TTL is zero", "a duration greater than zero");
        }
        if let Some((what, expected)) = self.freshness.mistake() {
            return refuse(what, expected);
        }
        if self.loads.soft_timeout.is_some() && self.freshness.windows.longest().is_zero() {
            return refuse(
                "`soft_timeout` without anything stale that could answer",
                "`stale_if_error` beside it, which says for how long something does, or `within` for a hard limit",
            );
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
        let spelled = self.naming.spelled();
        let far = surroundings
            .far
            .zip(serial)
            .and_then(|(settings, (serial, codec))| {
                let cells = Arc::clone(&surroundings.tags.cells);
                Far::new(&settings, &self.name, self.naming, &serial, codec, cells)
            });
        let mut freshness = self.freshness;
        if let (Some(_), Some(idle)) = (&far, freshness.idle) {
            // whoever uses a copy says so to Redis, before the entry there goes unused for too long
            let often = idle / 2;
            freshness.near = Some(freshness.near.map_or(often, |near| near.min(often)));
        }
        let engine = Engine::new(Parts {
            near: Near::new(self.bound, self.heaviest),
            far,
            name: self.name,
            enabled: surroundings.enabled,
            ttl: self.ttl,
            tags_of: self.tags_of,
            keeps: self.keeps,
            most: self.most,
            freshness,
            loads: self.loads,
            weigh: self.weigh,
            #[cfg(feature = "http-cache")]
            merge: self.merge,
            listener: self.listener,
            tags: surroundings.tags,
            clock: surroundings.clock,
            tasks: surroundings.tasks,
        });
        surroundings.registry.add(engine.reports());
        if let Some(far) = engine.far() {
            far.listen(engine.hears());
        }
        engine.list(&surroundings.caches, spelled.as_deref());
        Ok(engine)
    }
}
