//! The path of one lookup: a hit, or one load with everybody else waiting for it.
//!
//! Three drivers share every decision: inline (the load is part of the caller's future and dies with
//! it), detached (the load is a task of its own and outlives its caller) and blocking (threads). What is
//! stale is served at once where the load can be detached. Where it cannot, it is served to everybody but
//! the one who loads.

use std::future::Future;
use std::time::Duration;

use tracing::Instrument as _;

use super::answer::{Answer, answer};
use super::engine::Engine;
use super::far::Brought;
#[cfg(any(test, feature = "testing"))]
use super::fault::CacheFault;
use super::flight::{Outcome, Waiters};
use super::hold::Hold;
use super::look::Begun;
use super::made::Made;
use super::share::Sharing;
use super::status::{Lookup, Status};
use super::terms::Call;
use super::turn::{Loading, Next};

impl<V: Hold> Engine<V> {
    /// Looks `key` up, or runs `load` inside the caller's future. It is shown what was there before.
    ///
    /// Cancellation: when the caller is dropped its load is dropped with it, and one of those who wait
    /// for it runs its own.
    pub(crate) async fn load<S, E, F, Fut>(&self, key: &[u8], call: &Call, load: F) -> Answer<V, E>
    where
        S: Sharing<E>,
        F: FnOnce(Option<V>) -> Fut,
        Fut: Future<Output = Result<Made<V>, E>>,
    {
        let (begun, missed) = self.set_out::<S, E>(key, call);
        // in one function: of loads within loads each lies on the stack with all of its callers
        let answer = match begun {
            Begun::Answer(answer) => answer,
            Begun::Bypass => bypassed(load(None).await),
            Begun::Go(waits) => match self.take_turn::<S, E>(key, call, waits).await {
                Next::Answer(answer) => answer,
                Next::Load(loading) => {
                    let attempt = self.attempt(|| self.rest_after_panic(key, &loading));
                    let (shown, span) = (loading.shown(), self.load_span());
                    let node = loading.flight.permit.node();
                    let load = async { load(shown).await }.instrument(span);
                    let loaded = node.around(load).await;
                    let took = attempt.ended(loaded.is_ok());
                    self.end::<S, E>(key, call, loading, took, loaded).await
                }
            },
        };
        self.count(answer.status, missed);
        answer
    }

    /// Ends a load that others may wait for.
    pub(super) async fn end<S: Sharing<E>, E>(
        &self,
        key: &[u8],
        call: &Call,
        loading: Loading<V>,
        took: Duration,
        loaded: Result<Made<V>, E>,
    ) -> Answer<V, E> {
        match loaded {
            Ok(made) => {
                self.failures().forget(key);
                let (own, brought) = self.brought(call, took, made);
                if brought.ttl.is_zero() && self.leaves_older(key, &loading) {
                    // apart, since it is rare
                    Box::pin(self.invalidate(key)).await;
                }
                self.settle(key, loading.flight, brought).await;
                Lookup::new(Ok(own), Status::Loaded)
            }
            Err(error) if S::fails(&error) => {
                let answer = self.failed::<S, E>(key, call, loading, error);
                self.load_failed(key);
                answer
            }
            Err(answer) => {
                if self.leaves_older(key, &loading) {
                    // apart, as above
                    Box::pin(self.invalidate(key)).await;
                }
                let waiters = loading.flight.failed(self.loads().rest()).settle();
                let own = tell::<S, E, V>(waiters, answer);
                Lookup::new(Err(own), Status::Loaded)
            }
        }
    }

    /// Whether a load that brought something which is not kept leaves what was there before: that is not the answer
    /// any more, so it has to go. Where an invalidation came first, what is there is newer, or may answer as long as
    /// it is stale.
    ///
    /// What is no use to this call, by its windows, may be to others.
    pub(super) fn leaves_older(&self, key: &[u8], loading: &Loading<V>) -> bool {
        #[cfg(any(test, feature = "testing"))]
        if CacheFault::OlderStaysAnswer.is_committed() {
            return false;
        }
        let is_there = loading.old.is_some() || self.near().peek(key).is_some();
        is_there && loading.flight.permit.is_good()
    }

    /// A load failed: what was there answers if it may, and else the error does.
    pub(super) fn failed<S: Sharing<E>, E>(
        &self,
        key: &[u8],
        call: &Call,
        loading: Loading<V>,
        error: E,
    ) -> Answer<V, E> {
        let Loading { flight, old, .. } = loading;
        let rest = self.loads().rest();
        // those who do not wait for the load that replaces it need not try one again at once
        let answers_others = self.spare(old.as_ref(), call).is_some();
        let instead = old.and_then(|old| self.instead(&old, Some(&flight.permit), call));
        let remembers = instead.is_none() && self.loads().throttle.is_some();
        if let Some((value, status)) = instead {
            #[cfg(any(test, feature = "testing"))]
            self.move_ceiling(key, &value, &flight.permit);
            self.rest(key, &flight.permit, None);
            flight
                .failed(rest)
                .settle()
                .tell(Outcome::Stale(value.clone()));
            return answer(value, status);
        }
        if !remembers {
            if answers_others {
                self.rest(key, &flight.permit, None);
            }
            let own = tell::<S, E, V>(flight.failed(rest).settle(), error);
            return Lookup::new(Err(own), Status::Loaded);
        }
        let (own, found) = S::split(error);
        self.rest(key, &flight.permit, found.clone());
        flight.failed(rest).settle().tell(Outcome::failed(found));
        Lookup::new(Err(own), Status::Loaded)
    }

    /// What a load brought, as it is answered and as it is to be stored.
    pub(super) fn brought(&self, call: &Call, took: Duration, made: Made<V>) -> (V, Brought<V>) {
        let Made {
            value,
            ttl,
            mut tags,
        } = made;
        let own = value.clone();
        let ttl = if self.keeps(&value) {
            self.ttl_for(&value, ttl.or(call.ttl))
        } else {
            Duration::ZERO
        };
        tags.extend(self.tags_of(&value));
        let brought = Brought {
            ttl: self.jittered(ttl),
            value,
            took,
            tags,
        };
        (own, brought)
    }
}

/// The answer of a load that nothing is kept of.
pub(super) fn bypassed<V, E>(loaded: Result<Made<V>, E>) -> Answer<V, E> {
    Lookup::new(loaded.map(|made| made.value), Status::Bypass)
}

/// Shares what is not kept with those who wait. It is taken apart only where somebody has a use for that.
fn tell<S: Sharing<E>, E, V: Hold>(waiters: Waiters<V>, error: E) -> E {
    if !waiters.any() {
        return error;
    }
    let (own, found) = S::split(error);
    waiters.tell(Outcome::failed(found));
    own
}
