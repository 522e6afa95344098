//! Loads that run whatever is stored.

use std::future::Future;
use std::time::Duration;

use tracing::Instrument as _;

use super::engine::Engine;
use super::far::Flight;
use super::hold::Hold;
use super::made::Made;
use super::terms::Call;

impl<V: Hold> Engine<V> {
    /// Runs `load` whatever is stored, and stores what it brings. Loads that began before it, and may
    /// have seen an older state of things, are not stored.
    pub(crate) async fn refresh<E, Fut>(&self, key: &[u8], call: &Call, load: Fut) -> Result<V, E>
    where
        Fut: Future<Output = Result<Made<V>, E>>,
    {
        if call.bypass || !self.enabled() {
            let loaded = load.await;
            if loaded.is_ok() {
                self.invalidate(key).await;
            }
            return loaded.map(|made| made.value);
        }
        let flight = self.start_anew(key, call).await;
        let attempt = self.attempt(|| ());
        let loaded = flight
            .permit
            .node()
            .around(load.instrument(self.refresh_span()))
            .await;
        let took = attempt.ended(loaded.is_ok());
        self.end_alone(key, call, flight, took, loaded).await
    }

    /// [`refresh`](Self::refresh) on this thread.
    #[cfg(feature = "macros")]
    pub(crate) fn refresh_blocking<E>(
        &self,
        key: &[u8],
        call: &Call,
        load: impl FnOnce() -> Result<Made<V>, E>,
    ) -> Result<V, E> {
        if call.bypass || !self.enabled() {
            let loaded = load();
            if loaded.is_ok() {
                self.wait(self.invalidate(key));
            }
            return loaded.map(|made| made.value);
        }
        let flight = self.wait(self.start_anew(key, call));
        let attempt = self.attempt(|| ());
        let loaded = flight
            .permit
            .node()
            .run(|| self.refresh_span().in_scope(load));
        let took = attempt.ended(loaded.is_ok());
        self.wait(self.end_alone(key, call, flight, took, loaded))
    }

    /// Ends a load that nobody waits for.
    async fn end_alone<E>(
        &self,
        key: &[u8],
        call: &Call,
        flight: Flight<V>,
        took: Duration,
        loaded: Result<Made<V>, E>,
    ) -> Result<V, E> {
        match loaded {
            Ok(made) => {
                self.failures().forget(key);
                let (own, brought) = self.brought(call, took, made);
                self.settle(key, flight, brought).await;
                Ok(own)
            }
            Err(error) => {
                drop(flight);
                self.load_failed(key);
                Err(error)
            }
        }
    }
}
