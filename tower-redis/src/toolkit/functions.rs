//! The caches and the limits that functions have within one toolkit.

use std::any::{Any, TypeId};
use std::sync::{Mutex, PoisonError};

use hashbrown::HashMap;

/// Where a function's slot lies, and the code of it: made for the type arguments of an `impl`.
pub(super) type Place = (usize, TypeId);

type Made = HashMap<Place, Box<dyn Any + Send + Sync>, foldhash::fast::RandomState>;

/// One engine a function, or one for each type of a generic `impl`; one limiter a function.
#[derive(Debug, Default)]
pub(crate) struct Functions(Mutex<Made>);

impl Functions {
    /// What the function at `place` has.
    pub(crate) fn find_or<T>(&self, place: Place, make: impl FnOnce() -> T) -> T
    where
        T: Clone + Send + Sync + 'static,
    {
        if let Some(found) = self.find(place) {
            return found;
        }
        // set up without the lock: what a function says about it is code of the user's
        let made = make();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all.entry(place).or_insert_with(|| Box::new(made.clone()));
        kept.downcast_ref().map_or(made, T::clone)
    }

    fn find<T: Clone + 'static>(&self, place: Place) -> Option<T> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&place)?.downcast_ref().cloned()
    }
}
