//! Locks and atomics whose order of events a test can choose.
//!
//! They are those of the standard library. In the unit tests of this crate what is made within a run of `shuttle`
//! is scheduled by it, so that the cache itself is run through thousands of interleavings of its threads, and what
//! is made elsewhere is as always.

#[cfg(not(test))]
mod plain;
#[cfg(test)]
mod scheduled;

#[cfg(not(test))]
pub(crate) use plain::{AtomicU64, AtomicUsize, Local, Mutex, MutexGuard, here, switch};
#[cfg(test)]
pub(crate) use scheduled::{AtomicU64, AtomicUsize, Local, Mutex, MutexGuard, here, switch};
