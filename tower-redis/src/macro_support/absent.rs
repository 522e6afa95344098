//! Return types of which it is kept that there is nothing.

use std::fmt;
use std::marker::PhantomData;

use super::returns::{Kept, Of, Plain};

/// `negative_ttl` is for functions that return an `Option`.
pub struct Absent<R>(Of<R>);

impl<T: Kept> Absent<Option<T>> {
    /// All of it is kept, `None` too.
    pub const PLAN: Plain<Option<T>> = Plain(PhantomData);
}

impl<R> fmt::Debug for Absent<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Absent")
    }
}
