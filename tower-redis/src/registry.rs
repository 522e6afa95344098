//! Who counts things in one toolkit, so that it can tell what they have done.

use std::fmt;
use std::sync::{Mutex, PoisonError, Weak};

/// Something that counts what it does.
pub(crate) trait Reports<S>: Send + Sync {
    fn stats(&self) -> S;
}

/// Holds reporters weakly: one that nobody uses any more is gone.
pub(crate) struct Registry<S>(Mutex<Vec<Weak<dyn Reports<S>>>>);

impl<S> Registry<S> {
    pub(crate) fn add(&self, reporter: Weak<dyn Reports<S>>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|reporter| reporter.strong_count() > 0);
        known.push(reporter);
    }

    /// What each of them has done, in the order in which they came.
    pub(crate) fn stats(&self) -> Vec<S> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let alive: Vec<_> = known.iter().filter_map(Weak::upgrade).collect();
        // dropping the last reference to one may run code of the user's
        drop(known);
        alive.iter().map(|reporter| reporter.stats()).collect()
    }
}

impl<S> Default for Registry<S> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<S> fmt::Debug for Registry<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    impl Reports<u8> for u8 {
        fn stats(&self) -> u8 {
            *self
        }
    }

    #[test]
    fn one_that_is_gone_does_not_report() {
        let (registry, [a, b]) = (Registry::<u8>::default(), [1, 2].map(Arc::new));
        for reporter in [&a, &b] {
            let weak: Weak<u8> = Arc::downgrade(reporter);
            registry.add(weak);
        }
        assert_eq!(registry.stats(), [1, 2]);
        drop(a);
        assert_eq!(registry.stats(), [2]);
    }
}
