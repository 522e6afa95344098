//! Asks how a function answers when its load takes too long.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::time::Duration;

use crate::cache::TimedOut;
use crate::cache::within::within_or;

use super::returns::Of;

/// How a function that returns `R` says that its load took too long.
pub type Late<R> = fn(TimedOut) -> R;

/// `load`, for no longer than `limit`.
pub fn limited<R>(
    limit: Duration,
    load: impl Future<Output = R>,
    late: Late<R>,
) -> impl Future<Output = R> {
    within_or(limit, load, late)
}

/// An error that can say that a load took too long.
#[diagnostic::on_unimplemented(
    message = "`timeout` needs an error that can say so, and `{Self}` is not `From<TimedOut>`",
    label = "this error cannot be made of a `tower_redis::cache::TimedOut`",
    note = "write `impl From<tower_redis::cache::TimedOut> for` it, or return one that has any error as its source, \
            such as `anyhow::Error` or `Box<dyn Error + Send + Sync>`"
)]
pub trait SaysLate {}

/// A return type that can say that a load took too long.
#[diagnostic::on_unimplemented(
    message = "`timeout` needs a `Result` whose error can say so; this function returns `{Self}`",
    label = "this is no `Result`",
    note = "return `Result<T, E>` where `E` is `From<tower_redis::cache::TimedOut>`, or remove `timeout`"
)]
pub trait ReturnsLate {}

/// Asks about the return type `R`.
pub struct Limits<R>(Of<R>);

impl<R: 'static> Limits<R> {
    /// The question, behind as many references as there are steps to the last answer.
    pub const ASKED: &'static &'static &'static Self = &&&Self(PhantomData);
}

impl<R> fmt::Debug for Limits<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Limits")
    }
}

/// The error is made of [`TimedOut`].
pub trait LateResult {
    /// What the function returns.
    type Return;
    /// The answer.
    fn late(&self) -> Late<Self::Return>;
}

impl<T, E: From<TimedOut>> LateResult for &&Limits<Result<T, E>> {
    type Return = Result<T, E>;
    fn late(&self) -> Late<Self::Return> {
        |late| Err(late.into())
    }
}

/// The error cannot be.
pub trait NeverLateResult {
    /// What the function returns.
    type Return;
    /// Its error.
    type Error;
    /// Cannot be called.
    fn late(&self) -> Late<Self::Return>
    where
        Self::Error: SaysLate;
}

impl<T, E> NeverLateResult for &Limits<Result<T, E>> {
    type Return = Result<T, E>;
    type Error = E;
    fn late(&self) -> Late<Self::Return>
    where
        E: SaysLate,
    {
        never
    }
}

/// It is no `Result`.
pub trait NeverLateReturn {
    /// What the function returns.
    type Return;
    /// Cannot be called.
    fn late(&self) -> Late<Self::Return>
    where
        Self::Return: ReturnsLate;
}

impl<R> NeverLateReturn for Limits<R> {
    type Return = R;
    fn late(&self) -> Late<R>
    where
        R: ReturnsLate,
    {
        never
    }
}

/// Stands in for what nothing can be made of. No code that has it compiles.
fn never<R>(_: TimedOut) -> R {
    unreachable!("neither `SaysLate` nor `ReturnsLate` has an implementation")
}
