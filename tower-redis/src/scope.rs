//! What is current for a task and the tasks it starts: a toolkit of its own, in a test or a request.
//!
//! The holder is opaque here, so that the strata below the toolkit can hand it on to the tasks they
//! start without knowing what it is.

use std::any::Any;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::futures::TaskLocalFuture;

tokio::task_local! {
    static CURRENT: Scope;
}

// Most programs never scope anything; they pay one relaxed load per look.
static EVER_ENTERED: AtomicBool = AtomicBool::new(false);

/// Something that is current while a future runs.
#[derive(Clone)]
pub(crate) struct Scope(Arc<dyn Any + Send + Sync>);

/// A future that runs with a [`Scope`] current.
pub(crate) type Scoped<F> = TaskLocalFuture<Scope, F>;

impl Scope {
    pub(crate) fn of<T: Any + Send + Sync>(what: Arc<T>) -> Self {
        Self(what)
    }

    /// The innermost scope around the caller, if any.
    pub(crate) fn current() -> Option<Self> {
        Self::look(Clone::clone)
    }

    /// Whether there is a scope around the caller.
    #[cfg(feature = "macros")]
    #[inline]
    pub(crate) fn is_around() -> bool {
        Self::look(|_| ()).is_some()
    }

    #[inline]
    fn look<R>(look: impl FnOnce(&Self) -> R) -> Option<R> {
        if !EVER_ENTERED.load(Ordering::Relaxed) {
            return None;
        }
        Self::look_around(look)
    }

    // apart, so that who never enters one carries none of it
    #[inline(never)]
    fn look_around<R>(look: impl FnOnce(&Self) -> R) -> Option<R> {
        CURRENT.try_with(look).ok()
    }

    pub(crate) fn downcast<T: Any + Send + Sync>(self) -> Option<Arc<T>> {
        self.0.downcast().ok()
    }

    /// `future`, with this scope current whenever it is polled.
    pub(crate) fn around<F: Future>(self, future: F) -> Scoped<F> {
        EVER_ENTERED.store(true, Ordering::Relaxed);
        CURRENT.scope(self, future)
    }

    /// Runs `f` with this scope current.
    pub(crate) fn enter<R>(self, f: impl FnOnce() -> R) -> R {
        EVER_ENTERED.store(true, Ordering::Relaxed);
        CURRENT.sync_scope(self, f)
    }
}

impl std::fmt::Debug for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_scope_is_current() {
        assert!(Scope::current().is_none());
        let (outer, inner) = (Scope::of(Arc::new(1_u8)), Scope::of(Arc::new(2_u8)));
        let seen = |scope: Option<Scope>| scope.and_then(Scope::downcast::<u8>).map(|n| *n);
        outer.enter(|| {
            assert_eq!(seen(Scope::current()), Some(1));
            pollster::block_on(inner.around(async {
                assert_eq!(seen(Scope::current()), Some(2));
            }));
            assert_eq!(seen(Scope::current()), Some(1));
        });
        assert!(Scope::current().is_none());
    }
}
