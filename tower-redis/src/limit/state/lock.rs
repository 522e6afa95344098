//! The lock of a shard. A check of a key that is remembered holds it for some dozens of nanoseconds.
//!
//! Threads that meet at it stand in each other's way mostly by looking: each look takes the memory away from the thread
//! that has the lock, which then waits for it. So one that finds it taken stays away for about as long as a few checks
//! take, and two threads that ask for one key all the time get through more than twice as many checks.

use parking_lot::{Mutex, MutexGuard};

/// How long it stays away, in pauses of the processor: about a microsecond.
const PAUSES: usize = 64;
/// How often it looks before it lets itself be woken.
const LOOKS: usize = 16;

/// What one thread at a time may change.
#[derive(Debug)]
pub(super) struct Lock<T>(Mutex<T>);

pub(super) type Guard<'a, T> = MutexGuard<'a, T>;

impl<T> Lock<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    #[inline]
    pub(super) fn lock(&self) -> Guard<'_, T> {
        match self.0.try_lock() {
            Some(guard) => guard,
            None => self.wait(),
        }
    }

    #[cold]
    #[inline(never)]
    fn wait(&self) -> Guard<'_, T> {
        for _ in 0..LOOKS {
            for _ in 0..PAUSES {
                std::hint::spin_loop();
            }
            if let Some(guard) = self.0.try_lock() {
                return guard;
            }
        }
        self.0.lock()
    }
}
