//! The caches and the limits that functions have within one toolkit.

use std::any::{Any, TypeId};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use hashbrown::HashMap;

/// Where a function's slot lies, and the code of it: made for the type arguments of an `impl`.
pub(super) type Place = (usize, TypeId);

/// What lies at a place is an `Arc<OnceLock<_>>`.
type Made = HashMap<Place, Box<dyn Any + Send + Sync>, foldhash::fast::RandomState>;

/// One engine a function, or one for each type of a generic `impl`; one limiter a function.
#[derive(Debug, Default)]
pub(crate) struct Functions(Mutex<Made>);

impl Functions {
    /// What the function at `place` has.
    ///
    /// It is made once, also when calls ask for it at the same time for the first time: a second one, alive
    /// for a moment, would hold the keys in Redis that the one that is kept then does not get.
    pub(crate) fn find_or<T>(&self, place: Place, make: impl FnOnce() -> T) -> T
    where
        T: Clone + Send + Sync + 'static,
    {
        let once: Arc<OnceLock<T>> = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let empty = || Box::new(Arc::<OnceLock<T>>::default()) as Box<_>;
            let there = all.entry(place).or_insert_with(empty);
            let Some(once) = there.downcast_ref::<Arc<OnceLock<T>>>() else {
                drop(all);
                return make();
            };
            if let Some(made) = once.get() {
                return made.clone();
            }
            Arc::clone(once)
        };
        // without the lock: what a function says of its settings is code of the user's
        once.get_or_init(make).clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn what_many_ask_for_at_once_is_made_once() {
        const ASK: usize = 8;
        for _ in 0..100 {
            let (functions, made) = (Functions::default(), AtomicUsize::new(0));
            let together = Barrier::new(ASK);
            let ask = || {
                together.wait();
                functions.find_or((0, TypeId::of::<()>()), || {
                    let earlier = made.fetch_add(1, Ordering::SeqCst);
                    // the others come while it is being made
                    (0..10).for_each(|_| thread::yield_now());
                    earlier
                })
            };
            thread::scope(|threads| {
                let asking: Vec<_> = (0..ASK).map(|_| threads.spawn(ask)).collect();
                for one in asking {
                    assert_eq!(one.join().unwrap(), 0);
                }
            });
            assert_eq!(made.into_inner(), 1);
        }
    }
}
