//! Whether a load runs in a task of its own: when it can.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

use super::miss::{Miss, Start};
use super::returns::Plan;

/// Asks how `load(arguments)` can run.
///
/// The question is put about a function, not about a future made on the spot: of a future that is
/// part of the body being compiled the compiler cannot say yet whether it is `Send`. And it is put in a
/// function that names what it returns: functions that call each other would otherwise ask about each
/// other's futures for ever.
pub struct How<A, Fut>(PhantomData<fn() -> (A, Fut)>);

impl<A, Fut: Future> How<A, Fut> {
    /// The question about `load`.
    #[must_use]
    pub fn of<F: FnOnce(A) -> Fut>(_: F) -> Self {
        Self(PhantomData)
    }
}

impl<A, Fut> fmt::Debug for How<A, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("How")
    }
}

/// The load and its arguments can move to another thread.
pub trait DetachedHow {
    /// The answer.
    fn how(&self) -> Detached {
        Detached
    }
}

impl<A: Send + 'static, Fut> DetachedHow for &How<A, Fut> where
    Fut: Future<Output: Send> + Send + 'static
{
}

/// The load has to stay where it is.
pub trait InlineHow {
    /// The answer.
    fn how(&self) -> Inline {
        Inline
    }
}

impl<A, Fut> InlineHow for How<A, Fut> {}

/// In a task of its own: it goes on when its caller is dropped.
#[derive(Debug, Clone, Copy)]
pub struct Detached;

impl Detached {
    /// The answer of the load, or of the one that somebody else has started.
    pub fn start<P, A, B, F, Fut>(self, miss: Miss<P, A, B>, load: F) -> Start<P, A, B>
    where
        P: Plan<Return: Send>,
        A: Send + 'static,
        B: 'static,
        F: FnOnce(B) -> Fut + Send + 'static,
        Fut: Future<Output = P::Return> + Send + 'static,
    {
        let (arguments, give) = (miss.arguments, miss.give);
        let load = move |shown| load(give(arguments, shown));
        Start::Elsewhere(Box::pin(miss.found.load_detached(miss.terms, load)))
    }
}

/// Inside the future of its caller: dropped with it, and then another caller loads.
#[derive(Debug, Clone, Copy)]
pub struct Inline;

impl Inline {
    /// Hands the call back, to go on where it is.
    pub fn start<P, A, B, F, Fut>(self, miss: Miss<P, A, B>, _: F) -> Start<P, A, B>
    where
        P: Plan,
        F: FnOnce(B) -> Fut,
    {
        Start::Here(miss)
    }
}
