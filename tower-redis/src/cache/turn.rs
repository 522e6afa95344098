//! A caller's turn: somebody else's answer, or the right to load.

use std::time::Duration;

use super::answer::{Answer, answer, coalesced};
use super::engine::Engine;
use super::far::{Fetched, Flight};
use super::flight::{Follower, Gate, Outcome, Pass, Turn};
use super::hold::Hold;
use super::joining::Wants;
use super::look::Waits;
use super::old::Old;
use super::premises::Premises;
use super::share::Sharing;
use super::status::{Lookup, Status};
use super::terms::Call;
use crate::timers::at_most;

/// What somebody knows who looks for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NearTier {
    Unknown,
    /// There is nothing, as was just seen.
    Empty,
}

/// What a caller that found nothing has to do next.
pub(super) enum Next<V: Hold, E> {
    Answer(Answer<V, E>),
    Load(Loading<V>),
}

/// A load about to begin.
pub(super) struct Loading<V: Hold> {
    pub(super) flight: Flight<V>,
    /// Held while it runs, where many were let go at once.
    #[expect(dead_code, reason = "held while the load runs")]
    pub(super) pass: Pass,
    /// What was there before.
    pub(super) old: Option<Old<V>>,
    /// How that answers somebody who does not wait.
    pub(super) spare: Option<Status>,
}

impl<V: Hold> Loading<V> {
    /// What the load is shown.
    pub(super) fn shown(&self) -> Option<V> {
        self.old.as_ref().map(|old| old.entry.value().clone())
    }
}

/// What a follower came back with.
enum Came<V, E> {
    Answer(Answer<V, E>),
    /// The leader is gone; start over.
    Again,
    /// Load alone once the gate lets the caller through.
    Released(Gate),
}

impl<V: Hold> Engine<V> {
    /// Waits until there is an answer or the caller has to load.
    pub(super) async fn take_turn<S: Sharing<E>, E>(
        &self,
        key: &[u8],
        call: &Call,
        waits: Waits<V>,
    ) -> Next<V, E> {
        let Waits {
            old,
            spare,
            soft_timeout,
        } = waits;
        let spare = old.as_ref().map(|old| old.entry.value()).zip(spare);
        let wants = match spare {
            Some(_) => Wants::Settled,
            None => Wants::Usable,
        };
        let (permit, pass) = loop {
            let premises = self.premises_of(call);
            let follower = match (self.join_from(key, premises, wants, call.blocks), spare) {
                (Turn::Hit(value), _) => return Next::Answer(coalesced(Ok(value))),
                // somebody is about to replace it
                (Turn::Follow(_) | Turn::Alone(_), Some((value, status))) => {
                    return Next::Answer(answer(value.clone(), status));
                }
                (Turn::Lead(permit) | Turn::Alone(permit), _) => break (permit, None),
                (Turn::Follow(follower), None) => follower,
            };
            let instead = old.as_ref().zip(soft_timeout);
            match self.follow::<S, E>(follower, call, instead).await {
                Came::Answer(answer) => return Next::Answer(answer),
                Came::Again => {}
                Came::Released(gate) => {
                    let pass = gate.pass().await;
                    if let Some(value) = self.find(key) {
                        return Next::Answer(coalesced(Ok(value)));
                    }
                    break (self.permit(key, self.premises_of(call)), pass);
                }
            }
        };
        let old = self.still(key, old);
        // once for all who get here: it is most of what this future holds
        Next::Answer(match self.fetch(key, call, permit, old).await {
            Fetched::Load(flight, old) => {
                let spare = self.spare(old.as_ref(), call);
                return Next::Load(Loading {
                    flight,
                    pass,
                    old,
                    spare,
                });
            }
            Fetched::Far(value) => answer(value, Status::Far),
            Fetched::Suspect(value) => answer(value, Status::Suspect),
        })
    }

    /// [`premises`](Self::premises) of `call`.
    pub(super) fn premises_of(&self, call: &Call) -> Premises {
        Premises {
            late: self.may_be_late(call),
            ..self.premises(&call.tags)
        }
    }

    /// What is stored for `key` in the far tier, when nothing usable was near. Nothing is loaded, and
    /// nobody is waited for.
    pub(super) async fn seek(&self, key: &[u8], near: NearTier) -> Option<Lookup<V>> {
        if !self.enabled() {
            return None;
        }
        let mut useless = None;
        if near == NearTier::Unknown
            && let Some(value) = self.find_for(key, Wants::Usable, &mut useless)
        {
            self.count(Status::Near, false);
            return Some(Lookup::new(value, Status::Near));
        }
        self.counts().misses.bump();
        self.far()?;
        let suspect = useless.and_then(|entry| self.would_do(entry, self.now()));
        let premises = self.premises::<&str>(&[]);
        let (value, status) = self.look(key, premises, suspect).await?;
        self.count(status, true);
        Some(Lookup::new(value, status))
    }

    async fn follow<S: Sharing<E>, E>(
        &self,
        follower: Follower<V>,
        call: &Call,
        instead: Option<(&Old<V>, Duration)>,
    ) -> Came<V, E> {
        let outcome = match instead {
            None => follower.outcome().await,
            Some((old, soft)) => {
                let mut outcome = std::pin::pin!(follower.outcome());
                match at_most(soft, outcome.as_mut()).await {
                    Some(outcome) => outcome,
                    None => match self.instead(old, None, call) {
                        Some((value, status)) => return Came::Answer(answer(value, status)),
                        None => outcome.await,
                    },
                }
            }
        };
        match outcome {
            None => Came::Again,
            Some(Outcome::Value(value)) => Came::Answer(coalesced(Ok(value))),
            Some(Outcome::Stale(value)) => Came::Answer(answer(value, Status::Stale)),
            Some(Outcome::Failed(found)) => match S::join(found) {
                Some(error) => Came::Answer(coalesced(Err(error))),
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
        if let Some(value) = self.glimpse(key) {
            return Some(value);
        }
        self.far()?;
        let premises = self.premises::<&str>(&[]);
        let (value, _) = self.look(key, premises, self.suspect(key)).await?;
        Some(value)
    }
}
