//! Making room: what has ended must not push out what lives.
//!
//! The eviction policy knows nothing of time. So when the tier is nearly full, and something in it has ended,
//! everything is looked at once and what has ended goes, behind the back of the callers where there is a
//! runtime. It happens again only after a quarter of the tier was inserted anew: each insertion pays for
//! looking at four entries.

use std::sync::atomic::Ordering;

use crate::clock::Moment;

use super::engine::Engine;
use super::entry::Entry;
use super::event::Leaving;
use super::hold::Hold;
use super::sweep::Sweep;

/// Fewer insertions than this are not worth a sweep.
const LEAST: u64 = 16;

impl<V: Hold> Engine<V> {
    /// When `entry` is of no use at all any more.
    pub(super) fn ends(&self, entry: &Entry<V>) -> Moment {
        let windows = &self.freshness().windows;
        entry.lives().after(windows.longest())
    }

    pub(super) fn has_ended(&self, entry: &Entry<V>, now: Moment) -> bool {
        let idle = self.freshness().idle.zip(entry.bonds());
        let unused = idle.is_some_and(|(idle, bonds)| bonds.idle(now) >= idle);
        unused || self.ends(entry) <= now || !entry.is_of(self.epoch())
    }

    /// Something was inserted that ends at `ends`.
    pub(super) fn inserted(&self, ends: Moment) {
        let sweep = self.sweep();
        let ends = match self.freshness().idle {
            Some(idle) => ends.min(self.now().after(idle)),
            None => ends,
        };
        if ends.as_nanos() < sweep.soonest.load(Ordering::Relaxed) {
            sweep.soonest.fetch_min(ends.as_nanos(), Ordering::Relaxed);
        }
        let inserted = sweep.inserted.fetch_add(1, Ordering::Relaxed) + 1;
        let near = self.near();
        let due = inserted >= LEAST.max(near.len() as u64 / 4)
            && near.is_nearly_full()
            && sweep.soonest.load(Ordering::Relaxed) <= self.now().as_nanos();
        if due && !sweep.under_way.swap(true, Ordering::AcqRel) {
            let engine = self.clone();
            // outside a runtime it is done by whoever came last
            if let Err(task) = self
                .tasks()
                .start(async move { engine.look_through().await })
            {
                pollster::block_on(task);
            }
        }
    }

    /// Looks at all there is.
    async fn look_through(&self) {
        const AT_ONCE: usize = 256;
        let _done = Done(self.sweep());
        self.sweep().inserted.store(0, Ordering::Relaxed);
        self.sweep().soonest.store(u64::MAX, Ordering::Relaxed);
        for (at, (key, entry)) in self.near().iter().enumerate() {
            let now = self.now();
            if self.has_ended(&entry, now) {
                let key = &*key.written();
                let gone = self
                    .near()
                    .remove_if(key, |entry| self.has_ended(entry, now));
                if let Some(gone) = gone {
                    self.core().left(key, &gone, Leaving::Ended);
                }
            } else {
                let ends = self.ends(&entry).as_nanos();
                self.sweep().soonest.fetch_min(ends, Ordering::Relaxed);
            }
            if at % AT_ONCE == AT_ONCE - 1 {
                tokio::task::yield_now().await;
            }
        }
    }
}

struct Done<'a>(&'a Sweep);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.under_way.store(false, Ordering::Release);
    }
}
