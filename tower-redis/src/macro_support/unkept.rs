//! A return type of which nothing can be kept: the compiler says so once, and nothing that follows from it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

use crate::cache::hold::Pointed;
use crate::cache::share::Unshared;

use super::returns::{Of, Plan};

/// Stands in for the plan of `R`. No code that has it compiles.
pub struct Unkept<R>(pub(super) Of<R>);

impl<R> Clone for Unkept<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Unkept<R> {}

impl<R> fmt::Debug for Unkept<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unkept")
    }
}

impl<R> Unkept<R> {
    pub(super) const NEW: Self = Self(PhantomData);
}

impl<R: 'static> Plan for Unkept<R> {
    type Return = R;
    type Value = Never;
    type Held = Pointed<Never>;
    type Sharing = Unshared;

    fn split(answer: R) -> Result<Never, R> {
        Err(answer)
    }

    fn join(value: Never) -> R {
        match value {}
    }
}

/// There is no value of this type.
#[derive(Debug, Clone, Copy)]
pub enum Never {}

impl Serialize for Never {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        match *self {}
    }
}

impl<'de> Deserialize<'de> for Never {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("there is no such value"))
    }
}
