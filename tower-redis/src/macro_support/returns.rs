//! What of a function's return type is kept, and how the rest reaches those who waited.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::cache::hold::{Hold, Pointed};
use crate::cache::share::{Sharing, Unshared};

type Found = Arc<dyn Any + Send + Sync>;

/// A type that is spoken of, without a value of it.
pub(super) type Of<T> = PhantomData<fn() -> T>;

/// What can be kept.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept: every call gets a clone, and calls come from many threads",
    label = "this is not `Clone + Send + Sync`"
)]
pub trait Kept: Clone + Send + Sync + 'static {}

impl<T: Clone + Send + Sync + 'static> Kept for T {}

/// How the return type of a function is cached: `Ok` of a `Result`, `Some` of an `Option`, everything
/// of any other type.
pub trait Plan: Copy + Send + Sync + 'static {
    /// What the function returns.
    type Return: 'static;
    /// What is kept of it.
    type Value: Kept;
    /// How that is held.
    type Held: Hold<Value = Self::Value>;
    /// How what is not kept reaches those who waited for it.
    type Sharing: Sharing<Self::Return> + 'static;

    /// What to keep, or the answer that is not kept, as it was.
    ///
    /// # Errors
    /// The answer, when it is an `Err` or a `None`.
    fn split(answer: Self::Return) -> Result<Self::Value, Self::Return>;

    /// The answer that keeps `value`.
    fn join(value: Self::Value) -> Self::Return;
}

/// `Result<T, E>`, whose errors are shared as `S` says.
pub struct Results<T, E, S>(pub(super) Of<(T, E, S)>);

impl<T, E, S> Clone for Results<T, E, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, E, S> Copy for Results<T, E, S> {}

impl<T, E, S> fmt::Debug for Results<T, E, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Results")
    }
}

impl<T, E, S> Plan for Results<T, E, S>
where
    T: Kept,
    E: 'static,
    S: Sharing<E> + 'static,
{
    type Return = Result<T, E>;
    type Value = T;
    type Held = Pointed<T>;
    type Sharing = Errors<S>;

    fn split(answer: Self::Return) -> Result<T, Self::Return> {
        answer.map_err(Err)
    }

    fn join(value: T) -> Self::Return {
        Ok(value)
    }
}

/// Shares the `Err` of a `Result` as `S` says.
#[derive(Debug, Clone, Copy)]
pub struct Errors<S>(PhantomData<S>);

impl<T, E, S: Sharing<E>> Sharing<Result<T, E>> for Errors<S> {
    fn split(answer: Result<T, E>) -> (Result<T, E>, Option<Found>) {
        match answer {
            Err(error) => {
                let (own, found) = S::split(error);
                (Err(own), found)
            }
            kept @ Ok(_) => (kept, None),
        }
    }

    fn join(found: Found) -> Option<Result<T, E>> {
        S::join(found).map(Err)
    }
}

/// `Option<T>`.
pub struct Options<T>(pub(super) Of<T>);

impl<T> Clone for Options<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Options<T> {}

impl<T> fmt::Debug for Options<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Options")
    }
}

impl<T: Kept> Plan for Options<T> {
    type Return = Option<T>;
    type Value = T;
    type Held = Pointed<T>;
    type Sharing = Nothing;

    fn split(answer: Option<T>) -> Result<T, Option<T>> {
        answer.ok_or(None)
    }

    fn join(value: T) -> Option<T> {
        Some(value)
    }
}

/// Shares a `None`.
#[derive(Debug, Clone, Copy)]
pub struct Nothing;

impl<T> Sharing<Option<T>> for Nothing {
    fn fails(_: &Option<T>) -> bool {
        false
    }

    fn split(answer: Option<T>) -> (Option<T>, Option<Found>) {
        (answer, Some(Arc::new(Self)))
    }

    fn join(found: Found) -> Option<Option<T>> {
        found.is::<Self>().then_some(None)
    }
}

/// Any other type: all of it is kept.
pub struct Plain<T>(pub(super) Of<T>);

impl<T> Clone for Plain<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Plain<T> {}

impl<T> fmt::Debug for Plain<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain")
    }
}

impl<T: Kept> Plan for Plain<T> {
    type Return = T;
    type Value = T;
    type Held = Pointed<T>;
    type Sharing = Unshared;

    fn split(answer: T) -> Result<T, T> {
        Ok(answer)
    }

    fn join(value: T) -> T {
        value
    }
}
