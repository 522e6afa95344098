//! A call that has to load, on its way to where it does.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::cache::Lookup;

use super::found::{Found, Shown};
use super::returns::Plan;
use super::terms::Terms;

/// A call that found nothing, with arguments it owns: `A`, of which the load is given `B`.
pub struct Miss<P: Plan, A, B = A> {
    pub(super) found: Found<P>,
    pub(super) terms: Terms,
    pub(super) arguments: A,
    pub(super) give: fn(A, Shown<P>) -> B,
}

impl<P: Plan> Found<P> {
    /// What a load needs that runs elsewhere.
    #[must_use]
    pub fn miss<A>(self, terms: Terms, arguments: A) -> Miss<P, A> {
        Miss {
            found: self,
            terms,
            arguments,
            give: |arguments, _| arguments,
        }
    }

    /// The same of one that looks at what was kept before.
    #[must_use]
    pub fn miss_shown<A>(self, terms: Terms, arguments: A) -> Miss<P, A, (A, Option<P::Value>)> {
        Miss {
            found: self,
            terms,
            arguments,
            give: |arguments, shown| (arguments, shown.value()),
        }
    }
}

impl<P: Plan, A, B> fmt::Debug for Miss<P, A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Miss")
            .field("terms", &self.terms)
            .finish_non_exhaustive()
    }
}

/// The answer of a load that runs in a task of its own.
pub type Answer<R> = Pin<Box<dyn Future<Output = Lookup<R>> + Send>>;

/// A call that has to load, once it is known where.
#[expect(
    clippy::large_enum_variant,
    reason = "it is made and taken apart at once, and a box would be an allocation"
)]
pub enum Start<P: Plan, A, B = A> {
    /// In a task of its own.
    Elsewhere(Answer<P::Return>),
    /// Inside the future of its caller.
    Here(Miss<P, A, B>),
}

impl<P: Plan, A, B> Start<P, A, B> {
    /// The answer; `load` brings it where nothing else does.
    pub async fn or_here<F, Fut>(self, load: F) -> Lookup<P::Return>
    where
        F: FnOnce(B) -> Fut,
        Fut: Future<Output = P::Return>,
    {
        match self {
            Self::Elsewhere(answer) => answer.await,
            Self::Here(miss) => {
                let load = |shown| load((miss.give)(miss.arguments, shown));
                miss.found.load(miss.terms, load).await
            }
        }
    }
}

impl<P: Plan, A, B> fmt::Debug for Start<P, A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Elsewhere(_) => "Elsewhere",
            Self::Here(_) => "Here",
        })
    }
}
