//! How the near tier holds a value.
//!
//! A hit copies what is held while it holds a lock of the tier, and code of a user may not run there. So
//! what is held is a pointer to the value, or the value itself where copying it is known to run nothing.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Moment;

/// A value as the near tier holds it. Its `Clone` runs no code of a user.
#[cfg_attr(
    not(feature = "macros"),
    expect(unreachable_pub, reason = "only what macros expand to names it")
)]
pub trait Hold: Clone + Send + Sync + 'static {
    /// What is held.
    type Value: Send + Sync + 'static;

    /// Takes a value.
    fn hold(value: Self::Value) -> Self;

    /// The value.
    fn value(&self) -> &Self::Value;

    /// The value by itself; a clone of it where it is held elsewhere too.
    fn into_value(self) -> Self::Value;

    /// The value as it came from the far tier at `now`, where it is fresh for `left` more. For values that know
    /// their age: what was written knows only how old it was then.
    #[must_use]
    fn arrived(self, _left: Option<Duration>, _now: Moment) -> Self {
        self
    }
}

/// Behind a pointer: for values of any kind.
#[cfg_attr(
    not(feature = "macros"),
    expect(unreachable_pub, reason = "only what macros expand to names it")
)]
pub struct Pointed<T>(Arc<T>);

impl<T> Clone for Pointed<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Clone + Send + Sync + 'static> Hold for Pointed<T> {
    type Value = T;

    fn hold(value: T) -> Self {
        Self(Arc::new(value))
    }

    #[inline]
    fn value(&self) -> &T {
        &self.0
    }

    #[inline]
    fn into_value(self) -> T {
        Arc::unwrap_or_clone(self.0)
    }
}

/// In place: for values that are copied bit by bit.
#[derive(Copy)]
#[cfg_attr(
    not(feature = "macros"),
    allow(
        unreachable_pub,
        dead_code,
        reason = "only what macros expand to names it"
    )
)]
pub struct Copied<T: Copy>(T);

// a derived one would call that of `T`, which may be anything
impl<T: Copy> Clone for Copied<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Copy + Send + Sync + 'static> Hold for Copied<T> {
    type Value = T;

    fn hold(value: T) -> Self {
        Self(value)
    }

    #[inline]
    fn value(&self) -> &T {
        &self.0
    }

    #[inline]
    fn into_value(self) -> T {
        self.0
    }
}

/// In place: for values that are a pointer already.
#[cfg_attr(
    not(feature = "macros"),
    allow(
        unreachable_pub,
        dead_code,
        reason = "what macros expand to names it, and the HTTP cache"
    )
)]
pub struct Direct<T: ?Sized>(Arc<T>);

impl<T: ?Sized> Clone for Direct<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Send + Sync + ?Sized + 'static> Hold for Direct<T> {
    type Value = Arc<T>;

    fn hold(value: Arc<T>) -> Self {
        Self(value)
    }

    #[inline]
    fn value(&self) -> &Arc<T> {
        &self.0
    }

    #[inline]
    fn into_value(self) -> Arc<T> {
        self.0
    }
}

// what is held is nobody's business
impl<T> fmt::Debug for Pointed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pointed").finish_non_exhaustive()
    }
}

impl<T: Copy> fmt::Debug for Copied<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Copied").finish_non_exhaustive()
    }
}

impl<T: ?Sized> fmt::Debug for Direct<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Direct").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Copy)]
    struct Loud;

    #[expect(
        clippy::non_canonical_clone_impl,
        reason = "what is `Copy` may have any `Clone`"
    )]
    impl Clone for Loud {
        fn clone(&self) -> Self {
            unreachable!("a lock is held")
        }
    }

    fn cloned<H: Hold>(held: &H) -> H {
        held.clone()
    }

    #[test]
    fn what_is_held_is_copied_without_the_clone_of_a_user() {
        let _ = cloned(&Copied::hold(Loud));
        let _ = cloned(&Pointed::hold(Loud));
        let _ = cloned(&Direct::hold(Arc::new(Loud)));
    }
}
