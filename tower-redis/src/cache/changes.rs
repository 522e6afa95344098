//! What may be changed while a cache is used.

use std::time::Duration;

use crate::error::Error;

use super::engine::Engine;
use super::hold::Hold;
use super::terms::Ttl;
use super::typed::Cache;

impl<V: Hold> Engine<V> {
    /// How long `value` lives when its call does not say.
    pub(super) fn ttl_of(&self, value: &V) -> Duration {
        self.fixed_ttl()
            .unwrap_or_else(|| self.core().parts.ttl.of(value.value()))
    }

    /// How long `value` lives, where its call says so.
    pub(super) fn ttl_for(&self, value: &V, said: Option<Duration>) -> Duration {
        let ttl = said.unwrap_or_else(|| self.ttl_of(value));
        let most = self.core().parts.most.as_ref();
        most.map_or(ttl, |most| ttl.min(most(value.value())))
    }

    /// How long all values live, where it is the same for all.
    pub(super) fn fixed_ttl(&self) -> Option<Duration> {
        match &self.core().parts.ttl {
            Ttl::Fixed(ttl) => Some(self.core().changed_ttl.get().unwrap_or(*ttl)),
            Ttl::Of(_) => None,
        }
    }

    fn refuse(&self, what: &str, expected: &str) -> Error {
        let name = self.name();
        Error::config(format!("cache `{name}`: {what}; expected {expected}"))
    }
}

impl<K, V: Clone + Send + Sync + 'static> Cache<K, V> {
    /// Changes how much it holds in this process: entries, or bytes where that is what it is bounded by. What
    /// there is no room for any more goes at once.
    ///
    /// It has as many shards as it was built with, each with its share, and with room for one entry (or one byte) at
    /// least. One that was built for fewer than 128 entries has one.
    ///
    /// # Errors
    /// When it is zero; nothing is changed then.
    pub fn set_capacity(&self, capacity: u64) -> Result<(), Error> {
        let engine = &self.engine;
        if capacity == 0 {
            return Err(engine.refuse("the capacity is zero", "at least 1"));
        }
        engine.evicted(engine.near().set_capacity(capacity), engine.now());
        Ok(())
    }

    /// Changes how long values live that are stored from now on, in place of what
    /// [`ttl`](super::CacheBuilder::ttl) or the settings said. What is there lives on as it was. That there is
    /// nothing is remembered for `negative_ttl` at most, as before.
    ///
    /// # Errors
    /// When it is zero, or when the life of a value comes from the value
    /// ([`ttl_with`](super::CacheBuilder::ttl_with)); nothing is changed then.
    pub fn set_ttl(&self, ttl: Duration) -> Result<(), Error> {
        let engine = &self.engine;
        if ttl.is_zero() {
            return Err(engine.refuse("the TTL is zero", "a duration greater than zero"));
        }
        if engine.fixed_ttl().is_none() {
            return Err(engine.refuse(
                "its TTL comes from the value and cannot be set",
                "a cache with one TTL for all; let the function given to `ttl_with` read what changes",
            ));
        }
        engine.core().changed_ttl.set(ttl);
        Ok(())
    }
}
