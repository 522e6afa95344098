//! The path of one lookup: a hit, or one load with everybody else waiting for it.
//!
//! Three drivers share every decision: inline (the load is part of the caller's future and dies with
//! it), detached (the load is a task of its own and outlives its caller) and blocking (threads).

use std::future::Future;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Moment;

use super::engine::Engine;
use super::entry::Shared;
use super::far::{Brought, Flight};
use super::flight::{Outcome, Pass};
use super::share::Sharing;
use super::status::{Lookup, Status};
use super::terms::Call;
use super::turn::{Answer, Next, hit};

impl<V: Clone + Send + Sync + 'static> Engine<V> {
    /// Looks `key` up, or runs `load` inside the caller's future.
    ///
    /// Cancellation: when the caller is dropped its load is dropped with it, and one of those who wait
    /// for it runs its own.
    pub(crate) async fn load<S, E, F, Fut>(&self, key: &[u8], call: &Call, load: F) -> Answer<V, E>
    where
        S: Sharing<E>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<V, E>>,
    {
        if let Some(entry) = self.usable_now(key) {
            return hit(&entry);
        }
        if !self.enabled() {
            self.counts().bypassed.bump();
            return Lookup::new(load().await, Status::Bypass);
        }
        match self.take_turn::<S, E>(key, call).await {
            Next::Answer(answer) => answer,
            Next::Load(flight, _pass) => {
                let started = self.started();
                let loaded = flight.permit.node().around(async { load().await }).await;
                let answer = self.end::<S, E>(key, call, flight, started, loaded);
                Lookup::new(answer.await, Status::Loaded)
            }
        }
    }

    /// Looks `key` up, or runs `load` in a task of its own, which goes on when the caller is dropped.
    /// Outside a Tokio runtime it runs inside the caller's future, like [`load`](Self::load).
    pub(crate) async fn load_detached<S, E, F, Fut>(
        &self,
        key: &[u8],
        call: Call,
        load: F,
    ) -> Answer<V, E>
    where
        S: Sharing<E> + 'static,
        E: Send + 'static,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<V, E>> + Send + 'static,
    {
        if let Some(entry) = self.usable_now(key) {
            return hit(&entry);
        }
        if !self.enabled() {
            self.counts().bypassed.bump();
            return Lookup::new(load().await, Status::Bypass);
        }
        match self.take_turn::<S, E>(key, &call).await {
            Next::Answer(answer) => answer,
            Next::Load(flight, pass) => {
                let load = (flight, pass, load);
                let answer = self.spawn::<S, E, F, Fut>(key, call, load).await;
                Lookup::new(answer, Status::Loaded)
            }
        }
    }

    pub(super) fn usable_now(&self, key: &[u8]) -> Option<Shared<V>> {
        self.enabled().then(|| self.hit(key)).flatten()
    }

    async fn spawn<S, E, F, Fut>(
        &self,
        key: &[u8],
        call: Call,
        (flight, pass, load): (Flight<V>, Pass, F),
    ) -> Result<V, E>
    where
        S: Sharing<E> + 'static,
        E: Send + 'static,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<V, E>> + Send + 'static,
    {
        let node = Arc::clone(flight.permit.node());
        let unstarted = Arc::new(Mutex::new(Some((flight, load))));
        let (engine, owned) = (self.clone(), Box::<[u8]>::from(key));
        let start = Arc::clone(&unstarted);
        // From here on the loads around the caller wait for the one to be started. Nothing runs in that
        // one yet, so this is never a circle; what it comes to wait for sees that they do.
        let _waiting = node.wait();
        let task = self.tasks().start(async move {
            let (flight, load) = take(&start)?;
            let _pass = pass;
            let started = engine.started();
            let loaded = flight.permit.node().around(async { load().await }).await;
            let answer = engine.end::<S, E>(&owned, &call, flight, started, loaded);
            Some(answer.await)
        });
        match task {
            Ok(task) => match task.await {
                Ok(Some(answer)) => answer,
                Err(ended) if ended.is_panic() => resume_unwind(ended.into_panic()),
                Ok(None) | Err(_) => spawned_in_vain(&unstarted).await,
            },
            // nowhere to start it: part of the caller's future then
            Err(task) => match task.await {
                Some(answer) => answer,
                None => spawned_in_vain(&unstarted).await,
            },
        }
    }

    /// Ends a load that others may wait for.
    pub(super) async fn end<S: Sharing<E>, E>(
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
            Err(error) => {
                let waiters = flight.permit.settle();
                if !waiters.any() {
                    return Err(error);
                }
                let (own, found) = S::split(error);
                waiters.tell(found.map_or_else(Outcome::released, Outcome::Failed));
                Err(own)
            }
        }
    }

    pub(super) async fn keep(
        &self,
        key: &[u8],
        call: &Call,
        flight: Flight<V>,
        took: Duration,
        value: V,
    ) -> V {
        let own = value.clone();
        let ttl = call.ttl.unwrap_or_else(|| self.ttl_of(&value));
        let brought = Brought { value, ttl, took };
        self.settle(key, flight, brought).await;
        own
    }

    pub(super) fn started(&self) -> Moment {
        self.clock().now()
    }

    /// Counts a load, and answers how long it took.
    pub(super) fn count_load(&self, started: Moment, brought: bool) -> Duration {
        let (counts, took) = (self.counts(), self.clock().now().since(started));
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

/// The runtime was shut down under the task of a caller that lives on.
#[expect(
    clippy::panic,
    reason = "the load is gone half-way and cannot be made again"
)]
async fn spawned_in_vain<P, V, E, F, Fut>(unstarted: &Mutex<Option<(P, F)>>) -> Result<V, E>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = Result<V, E>>,
{
    match take(unstarted) {
        Some((_, load)) => load().await,
        None => panic!("the Tokio runtime was shut down while it ran a load for this call"),
    }
}

fn take<T>(slot: &Mutex<Option<T>>) -> Option<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}
