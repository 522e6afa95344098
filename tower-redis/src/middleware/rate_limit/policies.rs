//! What a layer is made of.

use crate::limit::Policy;

use super::key::PerPolicy;

/// A [`Policy`], or a tuple of up to six of them that decide together: what `Toolkit::rate_limit_layer` makes a layer
/// of.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no policy",
    label = "expected a `Policy`, or a tuple of two to six of them",
    note = "more of them, or limiters that are used elsewhere as well, go into a `LimiterSet` and `RateLimitLayer::new`"
)]
pub trait Policies {
    /// What tells clients apart: the key of the policy, or one [`PerPolicy`].
    type Key;

    /// The policies without their keys, and the keys.
    fn apart(self) -> (Vec<Policy>, Self::Key);
}

impl<X> Policies for Policy<X> {
    type Key = X;

    fn apart(self) -> (Vec<Policy>, X) {
        let (policy, key) = self.without_key();
        (vec![policy], key)
    }
}

macro_rules! tuples {
    ($(($($key:ident $policy:ident)+))*) => {$(
        impl<$($key),+> Policies for ($(Policy<$key>,)+) {
            type Key = PerPolicy<($($key,)+)>;

            fn apart(self) -> (Vec<Policy>, Self::Key) {
                let ($($policy,)+) = self;
                $(let $policy = $policy.without_key();)+
                (vec![$($policy.0),+], PerPolicy(($($policy.1,)+)))
            }
        }
    )*};
}

tuples! {
    (A a B b)
    (A a B b C c)
    (A a B b C c D d)
    (A a B b C c D d E e)
    (A a B b C c D d E e F f)
}
