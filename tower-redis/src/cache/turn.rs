//! A caller's turn: somebody else's answer, or the right to load.

use super::engine::Engine;
use super::entry::Shared;
use super::far::{Fetched, Flight};
use super::flight::{Follower, Gate, Outcome, Pass, Turn};
use super::share::Sharing;
use super::status::{Lookup, Status};
use super::terms::Call;

/// What one lookup answers: the value, or the load's own error.
pub(crate) type Answer<V, E> = Lookup<Result<V, E>>;

/// What a caller that found nothing has to do next.
pub(super) enum Next<V: Send + Sync + 'static, E> {
    Answer(Answer<V, E>),
    Load(Flight<V>, Pass),
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
        let (permit, pass) = loop {
            let premises = self.premises(&call.tags);
            let follower = match self.join(key, premises) {
                Turn::Hit(entry) => return Next::Answer(self.coalesced(Ok(entry.value.clone()))),
                Turn::Lead(permit) | Turn::Alone(permit) => break (permit, None),
                Turn::Follow(follower) => follower,
            };
            match self.follow::<S, E>(follower).await {
                Came::Answer(answer) => return Next::Answer(answer),
                Came::Again => {}
                Came::Released(gate) => {
                    let pass = gate.pass().await;
                    if let Some(entry) = self.find(key) {
                        return Next::Answer(self.coalesced(Ok(entry.value.clone())));
                    }
                    break (self.permit(key, self.premises(&call.tags)), pass);
                }
            }
        };
        // once for all who get here: it is most of what this future holds
        let (entry, status) = match self.fetch(key, call, permit).await {
            Fetched::Load(flight) => return Next::Load(flight, pass),
            Fetched::Far(entry) => (entry, Status::Far),
            Fetched::Suspect(entry) => (entry, Status::Suspect),
        };
        let Lookup { value, status } = self.elsewhere(&entry, status);
        Next::Answer(Lookup::new(Ok(value), status))
    }

    /// What is stored for `key` in the far tier, when nothing usable was near. Nothing is loaded, and
    /// nobody is waited for.
    pub(crate) async fn seek(&self, key: &[u8]) -> Option<V> {
        if !self.enabled() {
            return None;
        }
        self.counts().misses.bump();
        self.far()?;
        let permit = self.permit(key, self.premises::<&str>(&[]));
        let (entry, status) = self.look(key, permit).await?;
        Some(self.elsewhere(&entry, status).value)
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

    /// What is stored for `key` in either tier. It is no lookup, and counts as none.
    #[cfg(feature = "macros")]
    pub(crate) async fn peek(&self, key: &[u8]) -> Option<V> {
        if !self.enabled() {
            return None;
        }
        if let Some(entry) = self.find(key) {
            return Some(entry.value.clone());
        }
        self.far()?;
        let permit = self.permit(key, self.premises::<&str>(&[]));
        let (entry, _) = self.look(key, permit).await?;
        Some(entry.value.clone())
    }

    /// A hit that is not one of the near tier.
    fn elsewhere(&self, entry: &Shared<V>, status: Status) -> Lookup<V> {
        match status {
            Status::Suspect => self.counts().suspect_hits.bump(),
            _ => self.counts().far_hits.bump(),
        }
        Lookup::new(entry.value.clone(), status)
    }

    fn coalesced<E>(&self, answer: Result<V, E>) -> Answer<V, E> {
        self.counts().coalesced.bump();
        Lookup::new(answer, Status::Coalesced)
    }
}

pub(super) fn hit<V: Clone, E>(entry: &Shared<V>) -> Answer<V, E> {
    Lookup::new(Ok(entry.value.clone()), Status::Near)
}
