//! What a rate limit layer is made of.

use crate::error::Error;
use crate::limit::{LimiterSet, Policy};
use crate::middleware::rate_limit::{PerPolicy, RateLimitLayer};

use super::handle::Toolkit;

/// A [`Policy`], or a tuple of up to six of them that decide together: what
/// [`Toolkit::rate_limit_layer`] makes a layer of.
pub trait Policies {
    /// What tells clients apart: the key of the policy, or one [`PerPolicy`].
    type Key;

    /// The layer, whose limiters `toolkit` makes.
    ///
    /// # Errors
    ///
    /// When a policy is one that cannot be kept exactly, or has a part that is zero, and when two have one name.
    fn layer(self, toolkit: &Toolkit) -> Result<RateLimitLayer<Self::Key>, Error>;
}

impl<X> Policies for Policy<X> {
    type Key = X;

    fn layer(self, toolkit: &Toolkit) -> Result<RateLimitLayer<X>, Error> {
        let limiter = toolkit.limiter(&self)?;
        Ok(RateLimitLayer::new(limiter, self.into_extractor()))
    }
}

macro_rules! tuples {
    ($(($($key:ident $at:tt)+))*) => {$(
        impl<$($key),+> Policies for ($(Policy<$key>,)+) {
            type Key = PerPolicy<($($key,)+)>;

            fn layer(self, toolkit: &Toolkit) -> Result<RateLimitLayer<Self::Key>, Error> {
                let limiters = [$(toolkit.limiter(&self.$at)?),+];
                let set = LimiterSet::new(limiters)?;
                let keys = PerPolicy(($(self.$at.into_extractor(),)+));
                Ok(RateLimitLayer::new(set, keys))
            }
        }
    )*};
}

tuples! {
    (A 0 B 1)
    (A 0 B 1 C 2)
    (A 0 B 1 C 2 D 3)
    (A 0 B 1 C 2 D 3 E 4)
    (A 0 B 1 C 2 D 3 E 4 F 5)
}
