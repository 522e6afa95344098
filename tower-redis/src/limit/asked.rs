//! A question to a limiter, answered or under way.

#[cfg(feature = "redis")]
use std::pin::Pin;

use super::decision::Decision;

/// What asking a limiter gives at once.
#[cfg(any(feature = "rate-limit", feature = "macros"))]
pub(crate) enum Asked {
    Decided(Decision),
    /// Redis will tell. The one allocation of a future; a round trip costs hundreds of it.
    #[cfg(feature = "redis")]
    Asking(Asking),
}

#[cfg(feature = "redis")]
pub(crate) type Asking = Pin<Box<dyn Future<Output = Decision> + Send>>;
