//! Where a function finds its cache or its limiter: in whichever toolkit is current.

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::cache::core::Core;
use crate::cache::engine::Engine;
use crate::cache::hold::Hold;
use crate::limit::Limiter;
use crate::scope::Scope;

use super::current;
use super::handle::Toolkit;

/// The place of what one function has, in a `static`.
///
/// It remembers the engine or the limiter it found for the process-wide toolkit, so that a call only looks whether that
/// is still the one. There are two of these in a process at most, the stand-in and the one that is
/// installed, so what is remembered never has to be replaced, and looking costs no atomic write. Within
/// a scope it asks the scope's toolkit each time, and so does a method for all but the first of the
/// types it is called for.
pub struct Slot([OnceLock<Bound>; 2]);

struct Bound {
    toolkit: u64,
    of: TypeId,
    /// The core of the engine itself, one step nearer than the engine; or a limiter.
    core: Arc<dyn Any + Send + Sync>,
}

impl Bound {
    #[inline]
    fn is_for(&self, of: TypeId) -> bool {
        self.of == of
    }
}

impl Slot {
    /// An empty place.
    #[must_use]
    pub const fn new() -> Self {
        Self([const { OnceLock::new() }; 2])
    }

    /// What is remembered for the toolkit that is current.
    #[inline]
    pub(crate) fn known<V: Hold>(&'static self, of: TypeId) -> Option<&'static Core<V>> {
        self.bound(of)?.core.downcast_ref()
    }

    #[inline]
    fn bound(&'static self, of: TypeId) -> Option<&'static Bound> {
        if Scope::is_around() {
            return None;
        }
        let id = current::id();
        // one after the other, since the first is nearly always the one
        match self.0[0].get() {
            Some(bound) if bound.toolkit == id && bound.is_for(of) => Some(bound),
            _ => self.second(id, of),
        }
    }

    #[cold]
    fn second(&'static self, id: u64, of: TypeId) -> Option<&'static Bound> {
        let known = self.0[1].get()?;
        (known.toolkit == id && known.is_for(of)).then_some(known)
    }

    /// The engine of the toolkit that is current, which `make` sets up at first use. There is one for each
    /// `of`: the code that asks, made for the types whose method it is.
    pub(crate) fn engine<V: Hold>(
        &'static self,
        of: TypeId,
        make: impl FnOnce(&Toolkit) -> Engine<V>,
    ) -> Engine<V> {
        let known = self.bound(of).map(|bound| Arc::clone(&bound.core));
        if let Some(Ok(core)) = known.map(Arc::downcast) {
            return Engine::sharing(core);
        }
        if let Some(scope) = Scope::current() {
            return self.engine_in(&current::of_scope(scope), of, make);
        }
        let toolkit = current::process_wide();
        let engine = self.engine_in(&toolkit, of, make);
        self.remember(Bound {
            toolkit: toolkit.id(),
            of,
            core: Arc::clone(engine.core()) as _,
        });
        engine
    }

    /// Takes the first place that is free, unless its toolkit has one.
    fn remember(&self, mut bound: Bound) {
        for place in &self.0 {
            let toolkit = bound.toolkit;
            match place.set(bound) {
                Ok(()) => return,
                Err(_) if place.get().is_some_and(|known| known.toolkit == toolkit) => return,
                Err(unplaced) => bound = unplaced,
            }
        }
    }

    /// The engine of `toolkit`, which `make` sets up at first use.
    pub(crate) fn engine_in<V>(
        &'static self,
        toolkit: &Toolkit,
        of: TypeId,
        make: impl FnOnce(&Toolkit) -> Engine<V>,
    ) -> Engine<V>
    where
        V: Hold,
    {
        let place = std::ptr::from_ref(self).addr();
        toolkit.functions().find_or((place, of), || make(toolkit))
    }

    /// The limiter of the toolkit that is current, which `make` sets up at first use.
    pub(crate) fn limiter(&'static self, make: impl FnOnce(&Toolkit) -> Limiter) -> Limiter {
        let known = self.bound(Self::LIMITER);
        if let Some(known) = known.and_then(|bound| bound.core.downcast_ref()) {
            return Limiter::clone(known);
        }
        if let Some(scope) = Scope::current() {
            return self.limiter_in(&current::of_scope(scope), make);
        }
        let toolkit = current::process_wide();
        let limiter = self.limiter_in(&toolkit, make);
        self.remember(Bound {
            toolkit: toolkit.id(),
            of: Self::LIMITER,
            core: Arc::new(limiter.clone()),
        });
        limiter
    }

    /// The limiter of `toolkit`, which `make` sets up at first use.
    pub(crate) fn limiter_in(
        &'static self,
        toolkit: &Toolkit,
        make: impl FnOnce(&Toolkit) -> Limiter,
    ) -> Limiter {
        let place = std::ptr::from_ref(self).addr();
        let functions = toolkit.functions();
        functions.find_or((place, Self::LIMITER), || make(toolkit))
    }

    /// One for all types that the code is made for.
    const LIMITER: TypeId = TypeId::of::<Limiter>();
}

impl Default for Slot {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}
