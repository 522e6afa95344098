//! The lookups that only functions make: on a thread, and whatever is stored.

use std::future::Future;

use crate::clock::Moment;

use super::engine::Engine;
use super::flight::Permit;
use super::share::Sharing;
use super::status::{Lookup, Status};
use super::terms::Call;
use super::turn::{Answer, Next, hit};

impl<V: Clone + Send + Sync + 'static> Engine<V> {
    /// Looks `key` up, or runs `load` on this thread; other threads that miss wait for it.
    pub(crate) fn load_blocking<S, E>(
        &self,
        key: &[u8],
        call: &Call,
        load: impl FnOnce() -> Result<V, E>,
    ) -> Answer<V, E>
    where
        S: Sharing<E>,
    {
        if let Some(entry) = self.usable_now(key) {
            return hit(&entry);
        }
        if !self.enabled() {
            self.counts().bypassed.bump();
            return Lookup::new(load(), Status::Bypass);
        }
        match pollster::block_on(self.take_turn::<S, E>(key, call)) {
            Next::Answer(answer) => answer,
            Next::Load(permit, _pass) => {
                let started = self.started();
                let loaded = permit.node().run(load);
                let answer = self.end::<S, E>(key, call, permit, started, loaded);
                Lookup::new(answer, Status::Loaded)
            }
        }
    }

    /// Runs `load` whatever is stored, and stores what it brings. Loads that began before it, and may
    /// have seen an older state of things, are not stored.
    pub(crate) async fn refresh<E, Fut>(&self, key: &[u8], call: &Call, load: Fut) -> Result<V, E>
    where
        Fut: Future<Output = Result<V, E>>,
    {
        if !self.enabled() {
            return load.await;
        }
        let permit = self.permit_anew(key, self.premises(&call.tags));
        let started = self.started();
        let loaded = permit.node().around(load).await;
        self.end_alone(key, call, permit, started, loaded)
    }

    /// [`refresh`](Self::refresh) on this thread.
    pub(crate) fn refresh_blocking<E>(
        &self,
        key: &[u8],
        call: &Call,
        load: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        if !self.enabled() {
            return load();
        }
        let permit = self.permit_anew(key, self.premises(&call.tags));
        let started = self.started();
        let loaded = permit.node().run(load);
        self.end_alone(key, call, permit, started, loaded)
    }

    /// Ends a load that nobody waits for.
    fn end_alone<E>(
        &self,
        key: &[u8],
        call: &Call,
        permit: Permit<V>,
        started: Moment,
        loaded: Result<V, E>,
    ) -> Result<V, E> {
        self.count_load(started, loaded.is_ok());
        loaded.map(|value| self.keep(key, call, permit, value))
    }
}
