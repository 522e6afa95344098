//! The cache of one function.

use std::any::type_name;
use std::fmt;

use crate::cache::engine::Engine;
use crate::cache::hold::Pointed;
use crate::cache::{Cache, CacheStats, Invalidated};
use crate::key::{KeyFor, KeyWriter};
use crate::toolkit::Toolkit;
use crate::toolkit::slot::Slot;

use super::found::Found;
use super::returns::Plan;
use super::setup::Setup;

/// How what is kept is held.
pub(super) type Held<P> = Pointed<<P as Plan>::Value>;

/// The cache of one function.
pub struct Cached<P: Plan>(Place<P>);

enum Place<P: Plan> {
    /// In the current toolkit.
    Site(Site<P>),
    /// In a toolkit or a cache that the function was given.
    Given(Engine<Held<P>>),
}

struct Site<P: Plan> {
    slot: &'static Slot,
    of: &'static str,
    setup: fn(Setup<P::Value>) -> Setup<P::Value>,
}

impl<P: Plan> Clone for Site<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Plan> Copy for Site<P> {}

impl<P: Plan> Site<P> {
    fn build(self, toolkit: &Toolkit) -> Engine<Held<P>> {
        (self.setup)(Setup::new(toolkit)).build(self.of, toolkit)
    }
}

impl<P: Plan> Cached<P> {
    /// The cache in `slot`, which is set up on first use.
    #[inline]
    pub fn new(slot: &'static Slot, _: P, setup: fn(Setup<P::Value>) -> Setup<P::Value>) -> Self {
        Self(Place::Site(Site {
            slot,
            of: "",
            setup,
        }))
    }

    /// `cache` itself.
    #[must_use]
    pub fn given<K>(_: P, cache: &Cache<K, P::Value>) -> Self {
        Self(Place::Given(cache.engine.clone()))
    }

    /// One call that finds what it looks for in `cache`, under `key`.
    pub fn given_at<K, Q>(plan: P, cache: &Cache<K, P::Value>, key: &Q) -> Found<P>
    where
        Q: KeyFor<K> + ?Sized,
    {
        Self::given(plan, cache).at(KeyWriter::of(key))
    }

    /// That of a method of `T`: an `impl` with type parameters has one `static` for all its types, and
    /// each of them needs a cache of its own.
    #[must_use]
    #[inline]
    pub fn of<T: ?Sized>(mut self) -> Self {
        if let Place::Site(site) = &mut self.0 {
            site.of = type_name::<T>();
        }
        self
    }

    /// The one in `toolkit`, whichever is current.
    #[must_use]
    pub fn within(self, toolkit: &Toolkit) -> Self {
        Self(Place::Given(self.engine_in(toolkit)))
    }

    /// One call.
    #[must_use]
    #[inline]
    pub fn at(self, key: KeyWriter) -> Found<P> {
        Found::new(self, key)
    }

    /// Removes everything.
    pub async fn clear(self) -> Invalidated {
        self.engine().clear().await
    }

    /// [`clear`](Self::clear) on this thread.
    #[must_use]
    pub fn clear_blocking(self) -> Invalidated {
        self.with(|engine| engine.wait(engine.clear()))
    }

    /// What it has done so far.
    #[must_use]
    pub fn stats(self) -> CacheStats {
        self.with(Engine::stats)
    }

    #[inline]
    pub(super) fn with<R>(&self, f: impl FnOnce(&Engine<Held<P>>) -> R) -> R {
        match &self.0 {
            Place::Site(site) => site.slot.with(site.of, |toolkit| site.build(toolkit), f),
            Place::Given(engine) => f(engine),
        }
    }

    /// That of `toolkit`, unless the function was given another one.
    pub(super) fn engine_in(&self, toolkit: &Toolkit) -> Engine<Held<P>> {
        match &self.0 {
            Place::Site(site) => {
                let make = |toolkit: &Toolkit| site.build(toolkit);
                site.slot.engine_in(toolkit, site.of, make)
            }
            Place::Given(engine) => engine.clone(),
        }
    }

    pub(super) fn engine(&self) -> Engine<Held<P>> {
        self.with(Engine::clone)
    }
}

impl<P: Plan> fmt::Debug for Cached<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached").finish_non_exhaustive()
    }
}
