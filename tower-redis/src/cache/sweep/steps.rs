//! Making room: what has ended must not push out what lives.
//!
//! The eviction policy knows nothing of time. So when the tier is nearly full or something had to make room, and
//! something in it has ended, everything is looked at once and what has ended goes. Whoever inserts takes the next
//! step of that, with a runtime and without: a task might not get to run before the tier is full. A step is so large
//! that newcomers do not push each other out before there is room. It begins again only after a quarter of the tier
//! was inserted anew, so that an insertion pays for looking at four entries on average.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::clock::Moment;

use crate::cache::engine::Engine;
use crate::cache::entry::Entry;
use crate::cache::event::Leaving;
use crate::cache::hold::Hold;

impl<V: Hold> Engine<V> {
    /// When `entry` is of no use at all any more.
    pub(in crate::cache) fn ends(&self, entry: &Entry<V>) -> Moment {
        let windows = &self.freshness().windows;
        entry.lives().after(windows.longest())
    }

    pub(in crate::cache) fn has_ended(&self, entry: &Entry<V>, now: Moment) -> bool {
        let idle = self.freshness().idle.zip(entry.bonds());
        let unused = idle.is_some_and(|(idle, bonds)| bonds.idle(now) >= idle);
        unused || self.ends(entry) <= now || !entry.is_of(self.epoch())
    }

    /// Something was inserted at `now` that ends at `ends`.
    pub(in crate::cache) fn inserted(&self, ends: Moment, now: Moment) {
        let sweep = self.sweep();
        let ends = match self.freshness().idle {
            Some(idle) => ends.min(now.after(idle)),
            None => ends,
        };
        if ends.as_nanos() < sweep.soonest.load(Ordering::Relaxed) {
            sweep.soonest.fetch_min(ends.as_nanos(), Ordering::Relaxed);
        }
        let inserted = sweep.inserted.fetch_add(1, Ordering::Relaxed) + 1;
        let near = self.near();
        // the cheapest first: to know how much there is takes a look at each shard
        let due = sweep.soonest.load(Ordering::Relaxed) <= now.as_nanos()
            && inserted >= near.len() as u64 / 4
            && (sweep.is_crowded() || near.is_nearly_full());
        if due {
            sweep.begin(|| self.look_through());
        }
        if sweep.is_under_way() {
            sweep.step();
        }
    }

    /// Looks at all there is, a few entries at each poll. It keeps nothing but the tier alive.
    fn look_through(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let core = Arc::downgrade(self.core());
        self.near().walk(move |key, entry| {
            if let Some(core) = core.upgrade() {
                Self::sharing(core).look_at(&key.written(), &entry);
            }
        })
    }

    fn look_at(&self, key: &[u8], entry: &Entry<V>) {
        let now = self.now();
        if !self.has_ended(entry, now) {
            let ends = self.ends(entry).as_nanos();
            self.sweep().soonest.fetch_min(ends, Ordering::Relaxed);
            return;
        }
        let gone = self
            .near()
            .remove_if(key, |entry| self.has_ended(entry, now));
        if let Some(gone) = gone {
            self.core().left(key, &gone, Leaving::Ended);
        }
    }
}
