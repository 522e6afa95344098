//! Asks how a return type is cached.
//!
//! What can be kept comes first, the more special before the more general. What is left cannot be, and
//! says so where the question was put.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::marker::PhantomData;

use crate::cache::share::{AsSource, ByClone, Shared, Unshared, WithKind};

use super::returns::{Kept, Of, Options, Plain, Results};
use super::unkept::Unkept;

/// Asks about the return type `R`.
pub struct Returns<R>(Of<R>);

/// The question, behind as many references as there are steps to the last answer.
pub(super) type Asked<R> = &'static &'static &'static &'static &'static &'static Returns<R>;

impl<R: 'static> Returns<R> {
    /// The question.
    pub const ASKED: Asked<R> = &&&&&&Self(PhantomData);
}

impl<R> fmt::Debug for Returns<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Returns")
    }
}

/// An error that can be cloned.
pub trait ClonedResult {
    /// See [`Plan`](super::returns::Plan).
    type Plan;
    /// The plan.
    fn plan(&self) -> Self::Plan;
}

impl<T: Kept, E: Clone + Send + Sync + 'static> ClonedResult for &&&&&Returns<Result<T, E>> {
    type Plan = Results<T, E, ByClone>;
    fn plan(&self) -> Self::Plan {
        Results(PhantomData)
    }
}

/// An I/O error.
pub trait IoResult {
    /// See [`Plan`](super::returns::Plan).
    type Plan;
    /// The plan.
    fn plan(&self) -> Self::Plan;
}

impl<T: Kept> IoResult for &&&&Returns<io::Result<T>> {
    type Plan = Results<T, io::Error, WithKind>;
    fn plan(&self) -> Self::Plan {
        Results(PhantomData)
    }
}

/// An error that can hold another as its source.
pub trait BoxedResult {
    /// See [`Plan`](super::returns::Plan).
    type Plan;
    /// The plan.
    fn plan(&self) -> Self::Plan;
}

impl<T: Kept, E> BoxedResult for &&&&Returns<Result<T, E>>
where
    E: From<Shared> + Into<Box<dyn StdError + Send + Sync>> + 'static,
{
    type Plan = Results<T, E, AsSource>;
    fn plan(&self) -> Self::Plan {
        Results(PhantomData)
    }
}

/// Any other error.
pub trait UnsharedResult {
    /// See [`Plan`](super::returns::Plan).
    type Plan;
    /// The plan.
    fn plan(&self) -> Self::Plan;
}

impl<T: Kept, E> UnsharedResult for &&&Returns<Result<T, E>> {
    type Plan = Results<T, E, Unshared>;
    fn plan(&self) -> Self::Plan {
        Results(PhantomData)
    }
}

/// An `Option`.
pub trait OptionReturn {
    /// See [`Plan`](super::returns::Plan).
    type Plan;
    /// The plan.
    fn plan(&self) -> Self::Plan;
}

impl<T: Kept> OptionReturn for &&&Returns<Option<T>> {
    type Plan = Options<T>;
    fn plan(&self) -> Self::Plan {
        Options(PhantomData)
    }
}

/// Everything else that can be kept.
pub trait PlainReturn {
    /// See [`Plan`](super::returns::Plan).
    type Plan;
    /// The plan.
    fn plan(&self) -> Self::Plan;
}

impl<R: Kept> PlainReturn for &&Returns<R> {
    type Plan = Plain<R>;
    fn plan(&self) -> Self::Plan {
        Plain(PhantomData)
    }
}

/// The `Ok` or the `Some` cannot be kept.
pub trait UnkeptPart {
    /// What would be kept.
    type Part;
    /// See [`Plan`](super::returns::Plan).
    type Plan;
    /// Cannot be called.
    fn plan(&self) -> Self::Plan
    where
        Self::Part: Kept;
}

impl<T, E> UnkeptPart for &Returns<Result<T, E>> {
    type Part = T;
    type Plan = Unkept<Result<T, E>>;
    fn plan(&self) -> Self::Plan
    where
        T: Kept,
    {
        Unkept::NEW
    }
}

impl<T> UnkeptPart for &Returns<Option<T>> {
    type Part = T;
    type Plan = Unkept<Option<T>>;
    fn plan(&self) -> Self::Plan
    where
        T: Kept,
    {
        Unkept::NEW
    }
}

/// The whole cannot be kept.
pub trait UnkeptReturn {
    /// What would be kept.
    type Whole;
    /// See [`Plan`](super::returns::Plan).
    type Plan;
    /// Cannot be called.
    fn plan(&self) -> Self::Plan
    where
        Self::Whole: Kept;
}

impl<R> UnkeptReturn for Returns<R> {
    type Whole = R;
    type Plan = Unkept<R>;
    fn plan(&self) -> Self::Plan
    where
        R: Kept,
    {
        Unkept::NEW
    }
}
