//! Empty bodies, for requests that the cache makes by itself.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

#[cfg(feature = "axum")]
use crate::middleware::axum_target;

/// Empty bodies, for requests that the cache makes by itself: those to validate what is stale while it answers.
/// It has one for every type that it knows, and that a user has named.
#[derive(Clone)]
pub(crate) struct EmptyBodies(Arc<[Arc<dyn Any + Send + Sync>]>);

/// What is known of one type.
struct Known<Q> {
    make: fn() -> Q,
    /// Whether one is empty, where that can be seen.
    is_empty: Option<fn(&Q) -> bool>,
}

impl EmptyBodies {
    /// Knows how to make one more.
    #[must_use]
    pub(crate) fn with<Q: 'static>(&self, make: fn() -> Q) -> Self {
        let is_empty = None;
        self.and(Known { make, is_empty })
    }

    fn and<Q: 'static>(&self, known: Known<Q>) -> Self {
        let made: Arc<dyn Any + Send + Sync> = Arc::new(known);
        Self(
            std::iter::once(made)
                .chain(self.0.iter().cloned())
                .collect(),
        )
    }

    /// Whether this type is known.
    pub(crate) fn knows<Q: 'static>(&self) -> bool {
        self.known::<Q>().is_some()
    }

    /// An empty body, if this type is known.
    pub(crate) fn make<Q: 'static>(&self) -> Option<Q> {
        self.known().map(|known| (known.make)())
    }

    /// Whether `body` is seen to have content.
    pub(crate) fn has_content<Q: 'static>(&self, body: &Q) -> bool {
        let is_empty = self.known::<Q>().and_then(|known| known.is_empty);
        is_empty.is_some_and(|is_empty| !is_empty(body))
    }

    fn known<Q: 'static>(&self) -> Option<&Known<Q>> {
        self.0.iter().find_map(|known| known.downcast_ref())
    }
}

impl Default for EmptyBodies {
    fn default() -> Self {
        let none = Self(Arc::new([]));
        let known = none
            .with::<()>(Default::default)
            .and(Known::of(String::is_empty))
            .and(Known::of(Vec::<u8>::is_empty))
            .and(Known::of(Bytes::is_empty));
        #[cfg(feature = "axum")]
        let known = known.and(Known::of(axum_target::is_empty));
        known
    }
}

impl<Q: Default> Known<Q> {
    fn of(is_empty: fn(&Q) -> bool) -> Self {
        Self {
            make: Q::default,
            is_empty: Some(is_empty),
        }
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
        assert!(bodies.has_content(&"a".to_owned()) && !bodies.has_content(&String::new()));
        // of these it cannot be seen
        assert!(!bodies.has_content(&Own(1)));
    }
}
