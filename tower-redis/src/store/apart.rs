//! Waiting for a store on a thread.

#[cfg(feature = "redis")]
pub(crate) use crate::wire::apart;

/// Nothing is asked of another thread.
#[cfg(not(feature = "redis"))]
#[derive(Debug)]
#[must_use]
pub(crate) struct Apart;

/// This thread is about to wait for its calls.
#[cfg(not(feature = "redis"))]
pub(crate) fn apart() -> Apart {
    Apart
}
