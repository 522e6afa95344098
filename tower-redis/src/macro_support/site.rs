//! The cache of one function.

use std::fmt;

use crate::cache::engine::Engine;
use crate::cache::hold::{Hold as _, Pointed};
use crate::cache::{Cache, CacheStats, Invalidated};
use crate::key::{Form, Sought};
use crate::toolkit::Toolkit;
use crate::toolkit::slot::Slot;

use super::called::Code;
use super::returns::{Kept, Plan};
use super::setup::Setup;

/// How what is kept is held.
pub(super) type Held<P> = <P as Plan>::Held;

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
    code: Code,
    setup: fn(Setup<Held<P>>) -> Setup<Held<P>>,
}

impl<P: Plan> Clone for Site<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Plan> Copy for Site<P> {}

impl<P: Plan> Site<P> {
    fn engine(self) -> Engine<Held<P>> {
        self.slot
            .engine(self.code.id(), |toolkit| self.build(toolkit))
    }

    fn build(self, toolkit: &Toolkit) -> Engine<Held<P>> {
        (self.setup)(Setup::new(toolkit)).build(self.code, toolkit)
    }
}

impl<P: Plan> Cached<P> {
    /// The cache in `slot` of `code`, which is set up on first use. An `impl` with type parameters has one
    /// `static` for all its types, and each of them needs a cache of its own.
    #[inline]
    pub fn new(
        slot: &'static Slot,
        _: P,
        code: Code,
        setup: fn(Setup<Held<P>>) -> Setup<Held<P>>,
    ) -> Self {
        Self(Place::Site(Site { slot, code, setup }))
    }

    /// The one in `toolkit`, whichever is current.
    #[must_use]
    pub fn within(self, toolkit: &Toolkit) -> Self {
        Self(Place::Given(self.engine_in(toolkit)))
    }

    /// The answer of the call with `key`, if a usable one is kept.
    #[must_use]
    #[inline(always)]
    pub fn hit(&self, key: Sought<'_>) -> Option<P::Return> {
        let found = match &self.0 {
            Place::Site(site) => match site.slot.known(site.code.id()) {
                Some(core) => core.hit(key),
                None => match key.0 {
                    Form::Number(number) => {
                        first_hit::<P>(site.slot, site.code, site.setup, number)
                    }
                    Form::Text(text) => first_hit::<P>(site.slot, site.code, site.setup, text),
                    Form::Bytes(bytes) => first_hit::<P>(site.slot, site.code, site.setup, bytes),
                },
            },
            Place::Given(engine) => engine.core().hit(key),
        };
        found.map(|found| P::join(found.into_value()))
    }

    /// Removes everything.
    pub async fn clear(self) -> Invalidated {
        let engine = self.engine();
        engine.clear().await
    }

    /// [`clear`](Self::clear) on this thread.
    #[must_use]
    pub fn clear_blocking(self) -> Invalidated {
        let engine = self.engine();
        engine.wait(engine.clear())
    }

    /// What it has done so far.
    #[must_use]
    pub fn stats(self) -> CacheStats {
        self.engine().stats()
    }

    /// That of `toolkit`, unless the function was given another one.
    pub(super) fn engine_in(&self, toolkit: &Toolkit) -> Engine<Held<P>> {
        match &self.0 {
            Place::Site(site) => {
                let make = |toolkit: &Toolkit| site.build(toolkit);
                site.slot.engine_in(toolkit, site.code.id(), make)
            }
            Place::Given(engine) => engine.clone(),
        }
    }

    #[cold]
    pub(super) fn engine(&self) -> Engine<Held<P>> {
        match &self.0 {
            Place::Site(site) => site.engine(),
            Place::Given(engine) => engine.clone(),
        }
    }
}

impl<P: Plan<Held = Pointed<V>, Value = V>, V: Kept> Cached<P> {
    /// `cache` itself.
    #[must_use]
    pub fn given<K>(_: P, cache: &Cache<K, V>) -> Self {
        Self(Place::Given(cache.engine.clone()))
    }
}

/// A hit where the cache has to be looked up, or set up. It takes a site apart, which is nowhere in memory as long as
/// nobody needs it whole; and `key` is one form of one, for the same reason.
#[inline(never)]
fn first_hit<'k, P: Plan>(
    slot: &'static Slot,
    code: Code,
    setup: fn(Setup<P::Held>) -> Setup<P::Held>,
    key: impl Into<Sought<'k>>,
) -> Option<P::Held> {
    let site = Site::<P> { slot, code, setup };
    site.engine().core().hit(key.into())
}

impl<P: Plan> fmt::Debug for Cached<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached").finish_non_exhaustive()
    }
}
