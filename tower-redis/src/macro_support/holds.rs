//! Asks how what is kept is held: in place where its `Clone` is known to run no code of a user.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::cache::hold::{Copied, Direct, Hold};

use super::returns::{Of, Plan};

/// Asks about what `P` keeps.
pub struct Holds<P>(pub P);

impl<P> fmt::Debug for Holds<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Holds")
    }
}

/// A pointer.
pub trait PointerHeld {
    /// See [`Plan`].
    type Plan;
    /// The plan.
    fn held(&self) -> Self::Plan;
}

impl<T, P> PointerHeld for &&Holds<P>
where
    T: Send + Sync + ?Sized + 'static,
    P: Plan<Value = Arc<T>>,
{
    type Plan = HeldAs<P, Direct<T>>;
    fn held(&self) -> Self::Plan {
        HeldAs::of(self.0)
    }
}

/// What is copied bit by bit.
pub trait CopyHeld {
    /// See [`Plan`].
    type Plan;
    /// The plan.
    fn held(&self) -> Self::Plan;
}

impl<T, P> CopyHeld for &Holds<P>
where
    T: Copy + Send + Sync + 'static,
    P: Plan<Value = T>,
{
    type Plan = HeldAs<P, Copied<T>>;
    fn held(&self) -> Self::Plan {
        HeldAs::of(self.0)
    }
}

/// Everything else: as the plan says.
pub trait AnyHeld {
    /// See [`Plan`].
    type Plan;
    /// The plan.
    fn held(&self) -> Self::Plan;
}

impl<P: Plan> AnyHeld for Holds<P> {
    type Plan = P;
    fn held(&self) -> P {
        self.0
    }
}

/// The plan `P`, with what is kept held as `H`.
pub struct HeldAs<P, H>(P, Of<H>);

impl<P, H> HeldAs<P, H> {
    fn of(plan: P) -> Self {
        Self(plan, PhantomData)
    }
}

impl<P: Copy, H> Clone for HeldAs<P, H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Copy, H> Copy for HeldAs<P, H> {}

impl<P, H> fmt::Debug for HeldAs<P, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HeldAs")
    }
}

impl<P: Plan, H: Hold<Value = P::Value>> Plan for HeldAs<P, H> {
    type Return = P::Return;
    type Value = P::Value;
    type Held = H;
    type Sharing = P::Sharing;

    fn split(answer: P::Return) -> Result<P::Value, P::Return> {
        P::split(answer)
    }

    #[inline]
    fn join(value: P::Value) -> P::Return {
        P::join(value)
    }
}
