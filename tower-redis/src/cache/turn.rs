//! A caller's turn: somebody else's answer, or the right to load.

use super::engine::Engine;
use super::entry::Shared;
use super::flight::{Follower, Gate, Outcome, Pass, Permit, Turn};
use super::share::Sharing;
use super::status::{Lookup, Status};
use super::terms::Call;

/// What one lookup answers: the value, or the load's own error.
pub(crate) type Answer<V, E> = Lookup<Result<V, E>>;

/// What a caller that found nothing has to do next.
pub(super) enum Next<V: Send + Sync + 'static, E> {
    Answer(Answer<V, E>),
    Load(Permit<V>, Pass),
}

/// What a follower came back with.
enum Came<V, E> {
    Answer(Answer<V, E>),
    /// The leader is gone; start over.
    Again,
    /// Load alone once the gate lets the caller through.
    Released(Gate),
}

impl<V: Clone + Send + Sync + 'static> Engine<V> {
    /// Waits until there is an answer or the caller has to load.
    pub(super) async fn take_turn<S: Sharing<E>, E>(&self, key: &[u8], call: &Call) -> Next<V, E> {
        self.counts().misses.bump();
        loop {
            let premises = self.premises(&call.tags);
            let follower = match self.join(key, premises) {
                Turn::Hit(entry) => return Next::Answer(self.coalesced(Ok(entry.value.clone()))),
                Turn::Lead(permit) | Turn::Alone(permit) => return Next::Load(permit, None),
                Turn::Follow(follower) => follower,
            };
            match self.follow::<S, E>(follower).await {
                Came::Answer(answer) => return Next::Answer(answer),
                Came::Again => {}
                Came::Released(gate) => return self.pass::<E>(key, call, gate).await,
            }
        }
    }

    async fn follow<S: Sharing<E>, E>(&self, follower: Follower<V>) -> Came<V, E> {
        match follower.outcome().await {
            None => Came::Again,
            Some(Outcome::Value(entry)) => Came::Answer(self.coalesced(Ok(entry.value.clone()))),
            Some(Outcome::Failed(found)) => match S::join(found) {
                Some(error) => Came::Answer(self.coalesced(Err(error))),
                // an error of another type: two kinds of calls share this key
                None => Came::Again,
            },
            Some(Outcome::Released(gate)) => Came::Released(gate),
        }
    }

    /// Waits at the gate of a flight that brought nothing to share.
    async fn pass<E>(&self, key: &[u8], call: &Call, gate: Gate) -> Next<V, E> {
        let pass = gate.pass().await;
        if let Some(entry) = self.find(key) {
            return Next::Answer(self.coalesced(Ok(entry.value.clone())));
        }
        Next::Load(self.permit(key, self.premises(&call.tags)), pass)
    }

    fn coalesced<E>(&self, answer: Result<V, E>) -> Answer<V, E> {
        self.counts().coalesced.bump();
        Lookup::new(answer, Status::Coalesced)
    }
}

pub(super) fn hit<V: Clone, E>(entry: &Shared<V>) -> Answer<V, E> {
    Lookup::new(Ok(entry.value.clone()), Status::Near)
}
