//! The lock of a shard. A check of a key that is remembered holds it for some dozens of nanoseconds.
//!
//! Threads that meet at it stand in each other's way mostly by looking: each look takes the memory away from the thread
//! that has the lock, which then waits for it. So one that finds it taken stays away for about as long as a few checks
//! take. What it is worth is shown by `cd bench && cargo run --release -- limit`, one key on two threads.

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

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn one_thread_at_a_time_has_it() {
        const TIMES: usize = 20_000;
        let (lock, start) = (Lock::new(0), Barrier::new(4));
        thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    start.wait();
                    for _ in 0..TIMES {
                        let mut count = lock.lock();
                        let before = *count;
                        std::hint::spin_loop();
                        *count = before + 1;
                    }
                });
            }
        });
        assert_eq!(*lock.lock(), 4 * TIMES);
    }

    /// Longer than it takes to look as often as it does.
    #[test]
    fn who_looked_in_vain_is_woken() {
        let (lock, comes) = (Lock::new(0), AtomicBool::new(false));
        let held = lock.lock();
        thread::scope(|threads| {
            let waiting = threads.spawn(|| {
                comes.store(true, Ordering::Relaxed);
                *lock.lock() += 1;
            });
            while !comes.load(Ordering::Relaxed) {
                thread::yield_now();
            }
            for _ in 0..100 * LOOKS * PAUSES {
                std::hint::spin_loop();
            }
            assert!(!waiting.is_finished());
            drop(held);
        });
        assert_eq!(*lock.lock(), 1);
    }
}
