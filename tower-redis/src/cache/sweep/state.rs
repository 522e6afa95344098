//! When the near tier is looked through next, and how far that has come; see `steps.rs`.

use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Waker};

/// The rest of a sweep. It waits for nothing: it is polled once for each step.
type Steps = Pin<Box<dyn Future<Output = ()> + Send>>;

/// When the tier is swept next.
pub(crate) struct Sweep {
    /// Insertions since the last one.
    pub(super) inserted: AtomicU64,
    /// When the first of the entries ends, in nanoseconds: of those seen by the last one, and those since.
    pub(super) soonest: AtomicU64,
    /// Whether something had to make room since the last one.
    crowded: AtomicBool,
    under_way: AtomicBool,
    /// What is left of it; nothing while somebody takes a step.
    steps: Mutex<Option<Steps>>,
}

impl Default for Sweep {
    fn default() -> Self {
        Self {
            inserted: AtomicU64::new(0),
            soonest: AtomicU64::new(u64::MAX),
            crowded: AtomicBool::new(false),
            under_way: AtomicBool::new(false),
            steps: Mutex::default(),
        }
    }
}

impl Sweep {
    /// Something had to make room: where keys spread badly a part of the tier is full before the tier is.
    pub(in crate::cache) fn crowd(&self) {
        self.crowded.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_crowded(&self) -> bool {
        self.crowded.load(Ordering::Relaxed)
    }

    pub(super) fn is_under_way(&self) -> bool {
        self.under_way.load(Ordering::Relaxed)
    }

    /// Begins one, unless one is under way.
    pub(super) fn begin(&self, steps: impl FnOnce() -> Steps) {
        if !self.under_way.swap(true, Ordering::AcqRel) {
            self.inserted.store(0, Ordering::Relaxed);
            self.soonest.store(u64::MAX, Ordering::Relaxed);
            self.crowded.store(false, Ordering::Relaxed);
            self.leave(Some(steps()));
        }
    }

    /// Takes the next step, unless somebody else does.
    pub(super) fn step(&self) {
        let Some(mut steps) = self.exchange(None) else {
            return;
        };
        // a value that panics when it is dropped ends it
        let mut stepping = Stepping {
            sweep: self,
            rest: None,
        };
        let ended = steps.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if ended.is_pending() {
            stepping.rest = Some(steps);
        }
    }

    fn leave(&self, steps: Option<Steps>) {
        match steps {
            Some(steps) => drop(self.exchange(Some(steps))),
            None => self.under_way.store(false, Ordering::Release),
        }
    }

    fn exchange(&self, steps: Option<Steps>) -> Option<Steps> {
        let mut there = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        mem::replace(&mut *there, steps)
    }
}

impl fmt::Debug for Sweep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sweep")
            .field("inserted", &self.inserted)
            .field("soonest", &self.soonest)
            .field("crowded", &self.crowded)
            .field("under_way", &self.under_way)
            .finish_non_exhaustive()
    }
}

/// Somebody takes a step.
struct Stepping<'a> {
    sweep: &'a Sweep,
    rest: Option<Steps>,
}

impl Drop for Stepping<'_> {
    fn drop(&mut self) {
        self.sweep.leave(self.rest.take());
    }
}
