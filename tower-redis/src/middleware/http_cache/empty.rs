//! Empty bodies, for requests that the cache makes by itself.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

/// Empty bodies, for requests that the cache makes by itself: those to validate what is stale while it answers.
/// It has one for every type that it knows, and that a user has named.
#[derive(Clone)]
pub(crate) struct EmptyBodies(Arc<[Arc<dyn Any + Send + Sync>]>);

impl EmptyBodies {
    /// Knows how to make one more.
    #[must_use]
    pub(crate) fn with<Q: 'static>(&self, make: fn() -> Q) -> Self {
        let made: Arc<dyn Any + Send + Sync> = Arc::new(make);
        Self(
            std::iter::once(made)
                .chain(self.0.iter().cloned())
                .collect(),
        )
    }

    /// Whether this type is known.
    pub(crate) fn knows<Q: 'static>(&self) -> bool {
        self.0.iter().any(|made| made.is::<fn() -> Q>())
    }

    /// An empty body, if this type is known.
    pub(crate) fn make<Q: 'static>(&self) -> Option<Q> {
        let known = |made: &Arc<dyn Any + Send + Sync>| made.downcast_ref::<fn() -> Q>().copied();
        self.0.iter().find_map(known).map(|make| make())
    }
}

impl Default for EmptyBodies {
    fn default() -> Self {
        let none = Self(Arc::new([]));
        let known = none
            .with::<()>(Default::default)
            .with::<String>(Default::default)
            .with::<Vec<u8>>(Default::default)
            .with::<Bytes>(Default::default);
        #[cfg(feature = "axum")]
        let known = known.with(crate::middleware::axum_target::empty_body);
        known
    }
}

impl fmt::Debug for EmptyBodies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmptyBodies").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_known_and_can_be_added() {
        #[derive(Debug, PartialEq)]
        struct Own(u8);

        let bodies = EmptyBodies::default();
        assert_eq!(bodies.make::<String>(), Some(String::new()));
        assert_eq!(bodies.make::<Own>(), None);
        let bodies = bodies.with(|| Own(1)).with(|| Own(2));
        assert_eq!(bodies.make::<Own>(), Some(Own(2)), "the last word counts");
        assert_eq!(bodies.make::<()>(), Some(()));
    }
}
