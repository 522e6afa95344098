//! How a function says that its call was refused, by what it returns.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;

use crate::limit::RateLimited;

/// A function that returns `R`.
pub struct Refusal<R>(PhantomData<fn() -> R>);

impl<R> Refusal<R> {
    /// The question, to be asked behind as many references as there are steps to the last answer.
    #[must_use]
    pub const fn of() -> Self {
        Self(PhantomData)
    }
}

impl<R> fmt::Debug for Refusal<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Refusal")
    }
}

/// What the option `on_limited` makes of `refused`.
pub fn on_limited<R>(refused: RateLimited, say: impl FnOnce(RateLimited) -> R) -> R {
    say(refused)
}

/// A failure of a function whose success has no name to write.
///
/// # Errors
/// The error of `refused`.
pub fn failed<T, E>(refused: Result<Infallible, E>) -> Result<T, E> {
    refused.map(|never| match never {})
}

/// An error that can say that a call was refused.
#[diagnostic::on_unimplemented(
    message = "a rate limited function needs an error that can say so, and `{Self}` is not `From<RateLimited>`",
    label = "this error cannot be made of a `tower_redis::limit::RateLimited`",
    note = "write `impl From<tower_redis::limit::RateLimited> for` it, or return one that has any error as its source, \
            such as `anyhow::Error` or `Box<dyn Error + Send + Sync>`",
    note = "or say what is returned then: `on_limited = |refused| ..`"
)]
pub trait SaysLimited {}

/// A return type that can say that a call was refused.
#[diagnostic::on_unimplemented(
    message = "a rate limited function has to say that a call was refused; this one returns `{Self}`",
    label = "nothing here can say so",
    note = "return `Result<T, E>` where `E` is `From<tower_redis::limit::RateLimited>`; a handler of axum may also \
            return `Response`, `impl IntoResponse` or `Result<T, RateLimited>`",
    note = "or say what is returned then: `on_limited = |refused| ..`"
)]
pub trait ReturnsLimited {}

/// The error is made of a [`RateLimited`].
pub trait LimitedResult {
    /// What the function returns.
    type Return;
    /// It, for a call that was refused.
    fn refuse(&self, refused: RateLimited) -> Self::Return;
}

impl<T, E: From<RateLimited>> LimitedResult for &&&Refusal<Result<T, E>> {
    type Return = Result<T, E>;
    fn refuse(&self, refused: RateLimited) -> Result<T, E> {
        Err(refused.into())
    }
}

/// What is returned is made of one.
pub trait LimitedReturn {
    /// What the function returns.
    type Return;
    /// It, for a call that was refused.
    fn refuse(&self, refused: RateLimited) -> Self::Return;
}

impl<R: From<RateLimited>> LimitedReturn for &&Refusal<R> {
    type Return = R;
    fn refuse(&self, refused: RateLimited) -> R {
        refused.into()
    }
}

/// The error cannot be.
pub trait UnlimitedResult {
    /// What the function returns.
    type Return;
    /// Its error.
    type Error;
    /// Cannot be called.
    fn refuse(&self, refused: RateLimited) -> Self::Return
    where
        Self::Error: SaysLimited;
}

impl<T, E> UnlimitedResult for &Refusal<Result<T, E>> {
    type Return = Result<T, E>;
    type Error = E;
    fn refuse(&self, refused: RateLimited) -> Result<T, E>
    where
        E: SaysLimited,
    {
        never(refused)
    }
}

/// It is no `Result`.
pub trait UnlimitedReturn {
    /// What the function returns.
    type Return;
    /// Cannot be called.
    fn refuse(&self, refused: RateLimited) -> Self::Return
    where
        Self::Return: ReturnsLimited;
}

impl<R> UnlimitedReturn for Refusal<R> {
    type Return = R;
    fn refuse(&self, refused: RateLimited) -> R
    where
        R: ReturnsLimited,
    {
        never(refused)
    }
}

/// Stands in for what nothing can be made of. No code that has it compiles.
fn never<R>(_: RateLimited) -> R {
    unreachable!("neither `SaysLimited` nor `ReturnsLimited` has an implementation")
}
