//! The caches of `#[cached]` functions within one toolkit.

use std::any::{Any, TypeId};
use std::sync::{Mutex, PoisonError};

use hashbrown::HashMap;

use crate::cache::engine::Engine;
use crate::cache::hold::Hold;

/// Where a function's slot lies, and the code of it: made for the type arguments of an `impl`.
pub(super) type Place = (usize, TypeId);

type Engines = HashMap<Place, Box<dyn Any + Send + Sync>, foldhash::fast::RandomState>;

/// One engine a function, or one for each type of a generic `impl`.
#[derive(Debug, Default)]
pub(crate) struct Functions(Mutex<Engines>);

impl Functions {
    /// The engine of the function at `place`.
    pub(crate) fn find_or<V>(&self, place: Place, make: impl FnOnce() -> Engine<V>) -> Engine<V>
    where
        V: Hold,
    {
        if let Some(engine) = self.find(place) {
            return engine;
        }
        // set up without the lock: what a function says about its cache is code of the user's
        let made = make();
        let mut engines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = engines
            .entry(place)
            .or_insert_with(|| Box::new(made.clone()));
        kept.downcast_ref().map_or(made, Engine::clone)
    }

    fn find<V: Hold>(&self, place: Place) -> Option<Engine<V>> {
        let engines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        engines.get(&place)?.downcast_ref().cloned()
    }
}
