//! Waiting for a store on a thread.

#[cfg(feature = "redis")]
pub(crate) use crate::wire::apart;

/// Nothing is asked of another thread.
#[cfg(not(feature = "redis"))]
pub(crate) fn apart() {}
