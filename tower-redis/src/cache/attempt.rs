//! One run of a load: how long it takes, and that it has failed when it panics.

use std::thread;
use std::time::Duration;

use crate::clock::Moment;

use super::calm::Busy;
use super::engine::Engine;
use super::hold::Hold;
use super::turn::Loading;

/// A load that has begun. When its code panics it is counted as one that failed, and `panicked` is done.
pub(super) struct Attempt<'a, V: Hold, F: Fn()> {
    engine: &'a Engine<V>,
    at: Moment,
    /// What stands back for it.
    busy: Option<Busy<'a>>,
    panicked: F,
    is_over: bool,
}

impl<V: Hold> Engine<V> {
    /// A load begins for somebody.
    pub(super) fn attempt<F: Fn()>(&self, panicked: F) -> Attempt<'_, V, F> {
        let busy = Some(self.core().calm.busy());
        self.attempt_with(busy, panicked)
    }

    /// A load begins that nobody stands back for.
    pub(super) fn attempt_quietly<F: Fn()>(&self, panicked: F) -> Attempt<'_, V, F> {
        self.attempt_with(None, panicked)
    }

    fn attempt_with<'a, F: Fn()>(
        &'a self,
        busy: Option<Busy<'a>>,
        panicked: F,
    ) -> Attempt<'a, V, F> {
        Attempt {
            engine: self,
            at: self.clock().now(),
            busy,
            panicked,
            is_over: false,
        }
    }

    /// The load of `key` has panicked: where something stale answers in its place, it is not tried again at once.
    pub(super) fn rest_after_panic(&self, key: &[u8], loading: &Loading<V>) {
        if loading.old.is_some() {
            self.rest(key, &loading.flight.permit, None);
        }
    }
}

impl<V: Hold, F: Fn()> Attempt<'_, V, F> {
    /// It has ended, and has `brought` something or not. Answers how long it took.
    pub(super) fn ended(mut self, brought: bool) -> Duration {
        self.is_over = true;
        self.busy = None;
        self.count(brought)
    }

    fn count(&self, brought: bool) -> Duration {
        let took = self.engine.clock().now().since(self.at);
        let counts = self.engine.counts();
        counts.loads.bump();
        counts
            .load_nanos
            .add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
        if !brought {
            counts.failed_loads.bump();
        }
        took
    }
}

impl<V: Hold, F: Fn()> Drop for Attempt<'_, V, F> {
    fn drop(&mut self) {
        // one that is dropped half-way has not failed
        if !self.is_over && thread::panicking() {
            self.count(false);
            (self.panicked)();
        }
    }
}
