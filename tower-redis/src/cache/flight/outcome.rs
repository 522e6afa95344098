//! What those who wait for a flight are told.

use std::any::Any;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::cache::lineage::{Waiting, is_within_load};

/// How many waiters run their own loads at once after a leader brought nothing they could share.
const RELEASED_AT_ONCE: usize = 4;

/// The end of a flight that its waiters listen to.
pub(super) type Told<V> = watch::Receiver<Option<Outcome<V>>>;

/// The end of a flight that its leader speaks to.
pub(super) type Tell<V> = watch::Sender<Option<Outcome<V>>>;

/// Lets those who were released load a few at a time.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<Semaphore>);

/// Held while a load runs that had to wait for its turn at a gate.
pub(crate) type Pass = Option<OwnedSemaphorePermit>;

impl Gate {
    /// Waits for a turn. What is itself part of a load does not wait: one of those inside may need that
    /// load, and nobody could see the circle.
    pub(crate) async fn pass(self) -> Pass {
        if is_within_load() {
            return None;
        }
        // nobody closes a gate; were it closed, loading at once would be the right thing still
        self.0.acquire_owned().await.ok()
    }
}

/// What a flight brought its waiters.
#[derive(Debug)]
pub(crate) enum Outcome<V> {
    /// A value; whether it could be kept is not their concern.
    Value(V),
    /// What was there before, since the load failed or took too long.
    Stale(V),
    /// An error or another answer that is not kept, in a form the waiters may know how to read.
    Failed(Arc<dyn Any + Send + Sync>),
    /// Nothing that can be shared. Run your own load once the gate lets you through.
    Released(Gate),
}

impl<V: Clone> Clone for Outcome<V> {
    fn clone(&self) -> Self {
        match self {
            Self::Value(value) => Self::Value(value.clone()),
            Self::Stale(value) => Self::Stale(value.clone()),
            Self::Failed(error) => Self::Failed(Arc::clone(error)),
            Self::Released(gate) => Self::Released(gate.clone()),
        }
    }
}

impl<V> Outcome<V> {
    /// An error, if it can be shared.
    pub(crate) fn failed(found: Option<Arc<dyn Any + Send + Sync>>) -> Self {
        found.map_or_else(Self::released, Self::Failed)
    }

    pub(crate) fn released() -> Self {
        Self::Released(Gate(Arc::new(Semaphore::new(RELEASED_AT_ONCE))))
    }
}

/// Those who wait for a flight that has left the table.
#[must_use = "waiters that are told nothing elect another leader"]
#[derive(Debug)]
pub(crate) struct Waiters<V>(pub(super) Option<Tell<V>>);

impl<V> Waiters<V> {
    pub(crate) fn any(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|tell| tell.receiver_count() > 0)
    }

    pub(crate) fn tell(self, outcome: Outcome<V>) {
        if let Some(tell) = self.0 {
            tell.send_replace(Some(outcome));
        }
    }
}

/// Waits for the flight of another call. Dropping it harms nobody.
#[derive(Debug)]
pub(crate) struct Follower<V> {
    pub(super) outcome: Told<V>,
    pub(super) waiting: Waiting,
}

impl<V: Clone> Follower<V> {
    /// What the leader brought; `None` when it was dropped and somebody has to take over.
    pub(crate) async fn outcome(self) -> Option<Outcome<V>> {
        let (outcome, _) = self.outcome_and_waiting().await?;
        Some(outcome)
    }

    /// [`outcome`](Self::outcome), and what says that the caller waits for that load: to be held as long as it needs
    /// more of what is coming.
    pub(crate) async fn outcome_and_waiting(mut self) -> Option<(Outcome<V>, Waiting)> {
        self.waiting.insist();
        let told = self.outcome.wait_for(Option::is_some).await.ok()?.clone();
        told.map(|outcome| (outcome, self.waiting))
    }
}
