//! Where a `#[cached]` function finds its cache: in whichever toolkit is current.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::cache::engine::Engine;
use crate::scope::Scope;

use super::current;
use super::handle::Toolkit;

/// The place of one function's cache, in a `static`.
///
/// It remembers the engine it found for the process-wide toolkit, so that a call costs one load to see
/// that nothing has changed. Within a scope it asks the scope's toolkit each time.
pub struct Slot(ArcSwapOption<Bound>);

struct Bound {
    toolkit: u64,
    of: &'static str,
    engine: Box<dyn Any + Send + Sync>,
}

impl Slot {
    /// An empty place.
    #[must_use]
    pub const fn new() -> Self {
        Self(ArcSwapOption::const_empty())
    }

    /// Runs `f` with the engine of the current toolkit, which `make` sets up at first use. There is one
    /// for each `of`: the type whose method it is.
    pub(crate) fn with<V, R>(
        &'static self,
        of: &'static str,
        make: impl FnOnce(&Toolkit) -> Engine<V>,
        f: impl FnOnce(&Engine<V>) -> R,
    ) -> R
    where
        V: Send + Sync + 'static,
    {
        if let Some(scope) = Scope::current() {
            return f(&self.find(&current::of_scope(scope), of, make));
        }
        let bound = self.0.load();
        let known = bound
            .as_ref()
            .filter(|bound| bound.toolkit == current::id() && bound.of == of);
        if let Some(engine) = known.and_then(|bound| bound.engine.downcast_ref()) {
            return f(engine);
        }
        drop(bound);
        let toolkit = current::process_wide();
        let engine = self.find(&toolkit, of, make);
        self.0.store(Some(Arc::new(Bound {
            toolkit: toolkit.id(),
            of,
            engine: Box::new(engine.clone()),
        })));
        f(&engine)
    }

    /// The engine of the current toolkit, which `make` sets up at first use.
    pub(crate) fn engine<V>(
        &'static self,
        of: &'static str,
        make: impl FnOnce(&Toolkit) -> Engine<V>,
    ) -> Engine<V>
    where
        V: Send + Sync + 'static,
    {
        self.with(of, make, Engine::clone)
    }

    fn find<V>(
        &'static self,
        toolkit: &Toolkit,
        of: &'static str,
        make: impl FnOnce(&Toolkit) -> Engine<V>,
    ) -> Engine<V>
    where
        V: Send + Sync + 'static,
    {
        let place = std::ptr::from_ref(self).addr();
        toolkit.functions().find_or((place, of), || make(toolkit))
    }
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
