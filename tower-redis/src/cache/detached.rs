//! Loads that are tasks of their own.

use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::{JoinError, JoinHandle};
use tracing::{Instrument as _, Span};

use crate::timers::at_most;

use super::answer::{Answer, answer};
use super::engine::Engine;
use super::far::Fetched;
use super::flight::{Permit, Turn};
use super::hold::Hold;
use super::joining::Wants;
use super::load::bypassed;
use super::look::{Begun, Waits};
use super::made::Made;
use super::old::Old;
use super::share::Sharing;
use super::status::{Lookup, Status};
use super::terms::Call;
use super::turn::{Loading, Next};

/// A load and its flight, until the task begins.
type Unstarted<P, F> = Arc<Mutex<Option<(P, F)>>>;

impl<V: Hold> Engine<V> {
    /// Looks `key` up, or runs `load` in a task of its own, which goes on when the caller is dropped.
    /// Outside a Tokio runtime it runs inside the caller's future, like [`load`](Self::load).
    ///
    /// What is stale is answered at once, and what takes longer than the soft timeout is replaced by it; the
    /// load goes on.
    pub(crate) async fn load_detached<S, E, F, Fut>(
        &self,
        key: &[u8],
        call: Call,
        load: F,
    ) -> Answer<V, E>
    where
        S: Sharing<E> + 'static,
        E: Send + 'static,
        F: FnOnce(Option<V>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Made<V>, E>> + Send + 'static,
    {
        let (begun, missed) = self.set_out::<S, E>(key, &call);
        let answer = self
            .find_or_start::<S, E, F, Fut>(key, call, begun, load)
            .await;
        self.count(answer.status, missed);
        answer
    }

    async fn find_or_start<S, E, F, Fut>(
        &self,
        key: &[u8],
        call: Call,
        begun: Begun<V, E>,
        load: F,
    ) -> Answer<V, E>
    where
        S: Sharing<E> + 'static,
        E: Send + 'static,
        F: FnOnce(Option<V>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Made<V>, E>> + Send + 'static,
    {
        let waits = match begun {
            Begun::Answer(answer) => return answer,
            Begun::Bypass => return bypassed(load(None).await),
            Begun::Go(waits) => waits,
        };
        let waits = Waits {
            soft_timeout: self.soft_timeout(&call),
            ..waits
        };
        if let Waits {
            old: Some(old),
            spare: Some(status),
            ..
        } = waits
        {
            return self
                .behind::<S, E, F, Fut>(key, call, (old, status), load)
                .await;
        }
        match self.take_turn::<S, E>(key, &call, waits).await {
            Next::Answer(answer) => answer,
            Next::Load(loading) => {
                // apart, so that a lookup does not carry what only a load needs
                Box::pin(self.spawn::<S, E, F, Fut>(key, call, loading, load)).await
            }
        }
    }

    /// Answers what is there, and has it loaded anew unless somebody does that.
    async fn behind<S, E, F, Fut>(
        &self,
        key: &[u8],
        call: Call,
        (old, status): (Old<V>, Status),
        load: F,
    ) -> Answer<V, E>
    where
        S: Sharing<E> + 'static,
        E: Send + 'static,
        F: FnOnce(Option<V>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Made<V>, E>> + Send + 'static,
    {
        let premises = self.premises_of(&call);
        let permit = match self.join(key, premises, Wants::Settled) {
            Turn::Lead(permit) => permit,
            Turn::Hit(value) => return answer(value, Status::Near),
            Turn::Alone(_) | Turn::Follow(_) => {
                return answer(old.entry.value().clone(), status);
            }
        };
        let value = old.entry.value().clone();
        let old = self.still(key, Some(old));
        let (engine, owned) = (self.clone(), Box::<[u8]>::from(key));
        let task = self.tasks().start(async move {
            engine
                .lead::<S, E, F, Fut>(&owned, &call, permit, old, load)
                .await
        });
        match task {
            Ok(_) => answer(value, status),
            // nowhere to start it: part of the caller's future then
            Err(task) => task.await,
        }
    }

    /// What the leader of a flight does from its beginning to its end.
    async fn lead<S, E, F, Fut>(
        &self,
        key: &[u8],
        call: &Call,
        permit: Permit<V>,
        old: Option<Old<V>>,
        load: F,
    ) -> Answer<V, E>
    where
        S: Sharing<E>,
        F: FnOnce(Option<V>) -> Fut,
        Fut: Future<Output = Result<Made<V>, E>>,
    {
        self.counts().refreshes.bump();
        match self.fetch(key, call, permit, old).await {
            Fetched::Far(value) => answer(value, Status::Far),
            Fetched::Suspect(value) => answer(value, Status::Suspect),
            Fetched::Load(flight, old) => {
                let loading = Loading {
                    flight,
                    old,
                    pass: None,
                    spare: None,
                };
                let span = self.refresh_span();
                self.run::<S, E, F, Fut>(key, call, loading, load, span)
                    .await
            }
        }
    }

    /// Runs `load` as part of the flight, and ends it.
    async fn run<S, E, F, Fut>(
        &self,
        key: &[u8],
        call: &Call,
        loading: Loading<V>,
        load: F,
        span: Span,
    ) -> Answer<V, E>
    where
        S: Sharing<E>,
        F: FnOnce(Option<V>) -> Fut,
        Fut: Future<Output = Result<Made<V>, E>>,
    {
        let attempt = self.attempt(|| self.rest_after_panic(key, &loading));
        let (shown, node) = (loading.shown(), loading.flight.permit.node());
        let load = async { load(shown).await }.instrument(span);
        let loaded = node.around(load).await;
        let took = attempt.ended(loaded.is_ok());
        self.end::<S, E>(key, call, loading, took, loaded).await
    }

    async fn spawn<S, E, F, Fut>(
        &self,
        key: &[u8],
        call: Call,
        loading: Loading<V>,
        load: F,
    ) -> Answer<V, E>
    where
        S: Sharing<E> + 'static,
        E: Send + 'static,
        F: FnOnce(Option<V>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Made<V>, E>> + Send + 'static,
    {
        let node = Arc::clone(loading.flight.permit.node());
        let (old, spare) = (loading.old.clone(), loading.spare);
        let soft = self.soft_timeout(&call);
        let unstarted: Unstarted<_, _> = Arc::new(Mutex::new(Some((loading, load))));
        let start = Arc::clone(&unstarted);
        let (engine, owned, own) = (self.clone(), Box::<[u8]>::from(key), call.clone());
        // From here on the loads around the caller wait for the one to be started. Nothing runs in that
        // one yet, so this is never a circle; what it comes to wait for sees that they do.
        let _waiting = spare.is_none().then(|| node.wait());
        let task = self.tasks().start(async move {
            let (loading, load) = take(&start)?;
            let span = engine.load_span();
            let answer = engine.run::<S, E, F, Fut>(&owned, &own, loading, load, span);
            Some(answer.await)
        });
        let started = match task {
            Ok(task) => match (spare, &old) {
                // somebody else's, found in Redis: it answers while it is loaded anew
                (Some(status), Some(old)) => {
                    return answer(old.entry.value().clone(), status);
                }
                _ => {
                    let instead = soft.and_then(|soft| Some((soft, old?)));
                    self.wait_for(task, instead, &call).await
                }
            },
            Err(task) => Ok(task.await),
        };
        match started {
            Ok(Some(answer)) => answer,
            Err(ended) if ended.is_panic() => resume_unwind(ended.into_panic()),
            Ok(None) | Err(_) => spawned_in_vain(&unstarted).await,
        }
    }

    /// Waits for a task that loads; no longer than the soft timeout where there is something `instead`.
    async fn wait_for<E>(
        &self,
        task: JoinHandle<Option<Answer<V, E>>>,
        instead: Option<(Duration, Old<V>)>,
        call: &Call,
    ) -> Result<Option<Answer<V, E>>, JoinError> {
        let Some((soft, old)) = instead else {
            return task.await;
        };
        let mut task = task;
        match at_most(soft, Pin::new(&mut task)).await {
            Some(ended) => ended,
            None => match self.instead(&old, None, call) {
                Some((value, status)) => Ok(Some(answer(value, status))),
                None => task.await,
            },
        }
    }

    /// How long a caller of `call` waits who could have something stale.
    fn soft_timeout(&self, call: &Call) -> Option<Duration> {
        call.soft_timeout.or(self.loads().soft_timeout)
    }
}

/// The runtime was shut down under the task of a caller that lives on.
#[expect(
    clippy::panic,
    reason = "the load is gone half-way and cannot be made again"
)]
async fn spawned_in_vain<P, V, E, F, Fut>(unstarted: &Mutex<Option<(P, F)>>) -> Answer<V, E>
where
    F: FnOnce(Option<V>) -> Fut,
    Fut: Future<Output = Result<Made<V>, E>>,
{
    match take(unstarted) {
        Some((_, load)) => {
            let loaded = load(None).await;
            Lookup::new(loaded.map(|made| made.value), Status::Loaded)
        }
        None => panic!("the Tokio runtime was shut down while it ran a load for this call"),
    }
}

fn take<T>(slot: &Mutex<Option<T>>) -> Option<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}
