//! How what is kept of an answer is held: in place where copying it runs no code of the user's.
//!
//! A hit copies what is held under a lock. A pointer to the value can always be; a value that is `Copy`, or an
//! `Arc` itself, needs no pointer around it, which saves a hit two atomic operations.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::cache::hold::{Copied, Direct, Hold};

use super::returns::{Of, Plan};

/// The plan `P`, whose values are held as `H`.
pub struct HeldAs<P, H>(Of<(P, H)>);

impl<P, H> HeldAs<P, H> {
    const NEW: Self = Self(PhantomData);
}

impl<P, H> Clone for HeldAs<P, H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, H> Copy for HeldAs<P, H> {}

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

    fn join(value: P::Value) -> P::Return {
        P::join(value)
    }
}

/// Asks how values of `T`, which the plan `P` keeps, are held.
pub struct Holds<P, T>(Of<(P, T)>);

impl<P: Plan> Holds<P, P::Value> {
    /// The question, behind as many references as there are steps to the last answer.
    #[must_use]
    pub fn of(_: P) -> Self {
        Self(PhantomData)
    }
}

impl<P, T> fmt::Debug for Holds<P, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Holds")
    }
}

/// An `Arc` is held as it is.
pub trait DirectHold {
    /// The plan.
    type Plan;
    /// The answer.
    fn held(&self) -> Self::Plan;
}

impl<P, T: Send + Sync + ?Sized + 'static> DirectHold for &&Holds<P, Arc<T>> {
    type Plan = HeldAs<P, Direct<T>>;
    fn held(&self) -> Self::Plan {
        HeldAs::NEW
    }
}

/// What is copied bit by bit is held in place.
pub trait CopiedHold {
    /// The plan.
    type Plan;
    /// The answer.
    fn held(&self) -> Self::Plan;
}

impl<P, T: Copy + Send + Sync + 'static> CopiedHold for &Holds<P, T> {
    type Plan = HeldAs<P, Copied<T>>;
    fn held(&self) -> Self::Plan {
        HeldAs::NEW
    }
}

/// Everything else is held as the plan says.
pub trait PointedHold {
    /// The plan.
    type Plan;
    /// The answer.
    fn held(&self) -> Self::Plan;
}

impl<P: Plan, T> PointedHold for Holds<P, T> {
    type Plan = HeldAs<P, P::Held>;
    fn held(&self) -> Self::Plan {
        HeldAs::NEW
    }
}
