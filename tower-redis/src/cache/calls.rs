//! The lookups that only functions make: on a thread, and whatever is stored.

use std::future::Future;

use crate::clock::Moment;
use crate::store;

use super::engine::Engine;
use super::far::Flight;
use super::share::Sharing;
use super::status::{Lookup, Status};
use super::terms::Call;
use super::turn::{Answer, Next, hit};
#[cfg(any(test, feature = "testing"))]
use super::typed::CacheEntry;

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
        match self.wait(self.take_turn::<S, E>(key, call)) {
            Next::Answer(answer) => answer,
            Next::Load(flight, _pass) => {
                let started = self.started();
                let loaded = flight.permit.node().run(load);
                let answer = self.end::<S, E>(key, call, flight, started, loaded);
                Lookup::new(self.wait(answer), Status::Loaded)
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
            let loaded = load.await;
            if loaded.is_ok() {
                self.outdate(key).await;
            }
            return loaded;
        }
        let flight = self.start_anew(key, call).await;
        let started = self.started();
        let loaded = flight.permit.node().around(load).await;
        self.end_alone(key, call, flight, started, loaded).await
    }

    /// [`refresh`](Self::refresh) on this thread.
    pub(crate) fn refresh_blocking<E>(
        &self,
        key: &[u8],
        call: &Call,
        load: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        if !self.enabled() {
            let loaded = load();
            if loaded.is_ok() {
                self.wait(self.outdate(key));
            }
            return loaded;
        }
        let flight = self.wait(self.start_anew(key, call));
        let started = self.started();
        let loaded = flight.permit.node().run(load);
        self.wait(self.end_alone(key, call, flight, started, loaded))
    }

    /// Waits for `work` on this thread, which may be one of a Tokio runtime.
    pub(crate) fn wait<F: Future>(&self, work: F) -> F::Output {
        let _apart = self.far().map(|_| store::apart());
        // a thread that blocks gives nothing back to the task it may be part of, so it has no budget
        pollster::block_on(tokio::task::coop::unconstrained(work))
    }

    /// Ends a load that nobody waits for.
    async fn end_alone<E>(
        &self,
        key: &[u8],
        call: &Call,
        flight: Flight<V>,
        started: Moment,
        loaded: Result<V, E>,
    ) -> Result<V, E> {
        let took = self.count_load(started, loaded.is_ok());
        match loaded {
            Ok(value) => Ok(self.keep(key, call, flight, took, value).await),
            Err(error) => Err(error),
        }
    }
}

#[cfg(any(test, feature = "testing"))]
impl<K, V: Clone + Send + Sync + 'static> CacheEntry<'_, K, V> {
    /// What the `refresh` of a cached function does, for a test that needs to see how lookups are answered.
    ///
    /// # Errors
    /// The error of the load.
    #[doc(hidden)]
    pub async fn refresh<E>(self, load: impl Future<Output = Result<V, E>>) -> Result<V, E> {
        let engine = &self.cache.engine;
        engine.refresh(self.key.as_bytes(), &self.call, load).await
    }
}
