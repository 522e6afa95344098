//! Counting without contention, and the names under which counts are seen from outside.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

const STRIPES: usize = 16;
/// The stripe of those who have none of their own.
const SHARED: usize = 0;

/// A counter that threads bump side by side: each writes a cache line of its own.
///
/// All but one of the stripes belong to one thread each for as long as it runs, so that it needs no atomic
/// addition, which would take as long as the rest of what a hit does to be counted. Threads beyond that
/// share the last one.
#[derive(Debug, Default)]
pub(crate) struct Counter([Stripe; STRIPES]);

#[derive(Debug, Default)]
#[repr(align(128))]
struct Stripe(AtomicU64);

impl Counter {
    #[inline]
    pub(crate) fn bump(&self) {
        self.add(1);
    }

    #[inline]
    pub(crate) fn add(&self, n: u64) {
        let stripe = MINE.get();
        match self.0.get(stripe) {
            Some(Stripe(count)) if stripe != SHARED => {
                count.store(
                    count.load(Ordering::Relaxed).wrapping_add(n),
                    Ordering::Relaxed,
                );
            }
            _ => self.add_elsewhere(n),
        }
    }

    /// [`add`](Self::add) for a thread without a stripe, or one that has not asked for it yet.
    #[cold]
    fn add_elsewhere(&self, n: u64) {
        if MINE.get() == UNASKED && take_stripe() != SHARED {
            self.add(n);
        } else {
            self.0[SHARED].0.fetch_add(n, Ordering::Relaxed);
        }
    }

    pub(crate) fn total(&self) -> u64 {
        let add = |sum: u64, stripe: &Stripe| sum.wrapping_add(stripe.0.load(Ordering::Relaxed));
        self.0.iter().fold(0, add)
    }
}

/// No stripe: this thread has not asked for one.
const UNASKED: usize = usize::MAX;
thread_local! {
    // without a destructor, so that a look is a load
    static MINE: Cell<usize> = const { Cell::new(UNASKED) };
    static LEASE: Lease = const { Lease };
}

/// The stripes that belong to no thread.
static FREE: Mutex<[bool; STRIPES]> = Mutex::new({
    let mut free = [true; STRIPES];
    free[SHARED] = false;
    free
});

/// Gives back the stripe of a thread that ends. The lock makes what it wrote last known to the next.
struct Lease;

impl Drop for Lease {
    fn drop(&mut self) {
        let mine = MINE.replace(SHARED);
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stripe) = free.get_mut(mine).filter(|_| mine != SHARED) {
            *stripe = true;
        }
    }
}

/// The stripe that is this thread's from now on: the shared one where all others are taken, or where the
/// thread is being torn down.
fn take_stripe() -> usize {
    MINE.set(SHARED);
    // whatever is taken is given back
    if LEASE.try_with(|_| ()).is_ok() {
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stripe) = free.iter().position(|free| *free) {
            free[stripe] = false;
            MINE.set(stripe);
        }
    }
    MINE.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_count_is_lost_between_threads() {
        let counter = Counter::default();
        for _ in 0..3 {
            std::thread::scope(|scope| {
                // more than there are stripes, and each round has those of the one before
                for _ in 0..2 * STRIPES {
                    scope.spawn(|| (0..1_000).for_each(|_| counter.bump()));
                }
            });
        }
        assert_eq!(counter.total(), 6_000 * STRIPES as u64);
    }

    #[test]
    fn a_thread_that_is_being_torn_down_still_counts() {
        static COUNTER: std::sync::LazyLock<Counter> = std::sync::LazyLock::new(Counter::default);
        struct Late;
        impl Drop for Late {
            fn drop(&mut self) {
                COUNTER.bump();
            }
        }
        thread_local! {
            static BEFORE: Late = const { Late };
            static AFTER: Late = const { Late };
        }
        // destructors run in some order of first use: one of them runs after the lease has ended
        let thread = std::thread::spawn(|| {
            BEFORE.with(|_| ());
            COUNTER.bump();
            AFTER.with(|_| ());
        });
        thread.join().unwrap();
        assert_eq!(COUNTER.total(), 3);
    }

    #[test]
    fn a_stripe_belongs_to_one_thread_at_a_time() {
        const THREADS: usize = 2 * STRIPES;
        let together = std::sync::Barrier::new(THREADS);
        let mine = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    Counter::default().bump();
                    mine.lock().unwrap().push(MINE.get());
                    together.wait();
                });
            }
        });
        let mut own = mine.into_inner().unwrap();
        own.retain(|stripe| *stripe != SHARED);
        let all = own.len();
        own.sort_unstable();
        own.dedup();
        assert_eq!(own.len(), all);
    }
}
