//! Return types of which it is kept that there is nothing.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use super::asks::{Asked, Returns};
use super::returns::{Kept, Of, Plain};

/// Asks about the return type `R` of a function that has `negative_ttl`: all of an `Option` is kept, `None` too. About
/// others it asks as [`Returns`] does.
pub struct Absent<R>(Of<R>);

impl<R> Absent<R> {
    /// The question.
    pub const ASKED: Self = Self(PhantomData);
}

impl<R: 'static> Deref for Absent<R> {
    type Target = Asked<R>;

    fn deref(&self) -> &Asked<R> {
        &Returns::<R>::ASKED
    }
}

/// An `Option`, the whole of it.
pub trait AbsentReturn {
    /// See [`Plan`](super::returns::Plan).
    type Plan;
    /// The plan.
    fn plan(&self) -> Self::Plan;
}

impl<T: Kept> AbsentReturn for Absent<Option<T>> {
    type Plan = Plain<Option<T>>;
    fn plan(&self) -> Self::Plan {
        Plain(PhantomData)
    }
}

impl<R> fmt::Debug for Absent<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Absent")
    }
}

/// What may be that there is nothing.
#[diagnostic::on_unimplemented(
    message = "`negative_ttl` is how long it is kept that there is nothing, and what is kept here is `{Self}`",
    label = "this is no `Option`",
    note = "return an `Option`, or a `Result` of one, or remove `negative_ttl`"
)]
pub trait MaybeAbsent {
    /// What is there.
    type Present;
    /// It, if there is something.
    fn present(&self) -> Option<&Self::Present>;
}

impl<T> MaybeAbsent for Option<T> {
    type Present = T;
    fn present(&self) -> Option<&T> {
        self.as_ref()
    }
}
