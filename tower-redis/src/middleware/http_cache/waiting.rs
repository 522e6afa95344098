//! Waiting for the answer to another request.

use std::sync::Arc;

use http::header::HeaderMap;

use crate::cache::flight::{Outcome, Pass, Permit, Turn};
use crate::cache::hold::Hold;

use super::ask::Ask;
use super::kept::Kept;
use super::reader::Reader;
use super::rfc9111::reuse::Reuse;
use super::right::Right;
use super::shared::{Failure, NotShared};
use super::stored::Stored;

/// How many answers that turn out to be for other requests, as `Vary` asks, one request waits for. With
/// a few variants each is asked for once; with many nobody waits for long.
const OTHERS: usize = 3;

/// What waiting for another request's answer came to.
pub(crate) enum Waited {
    /// What is stored will do: by now, or while another one asks.
    Stored(Arc<Stored>, Reuse),
    /// What is stored in Redis will do, and is stored here from now on.
    Far(Arc<Stored>, Reuse),
    /// The answer of the one that was waited for is good for this one, too.
    Shared(Arc<Stored>),
    /// The same, and its body is on its way.
    Coming(Arc<Stored>, Reader),
    /// The one that was waited for has found the origin in trouble, and what is stale will do.
    Instead(Arc<Stored>, Failure),
    /// Ask the origin.
    Ask {
        right: Right,
        /// Held until the origin has answered, where many were sent to it at once.
        turn: Pass,
        approach: Approach,
    },
}

/// How a request came to ask the origin itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Approach {
    /// It has waited for another one.
    pub(crate) waited: bool,
    /// The one that it waited for has left nothing: its client is gone, or had a condition that was answered 304.
    pub(crate) left_alone: bool,
}

impl Ask {
    /// [`fetch`](Self::fetch), as what waiting came to.
    async fn fetched(
        &self,
        permit: Permit<Kept>,
        request: &HeaderMap,
        turn: Pass,
        approach: Approach,
    ) -> Waited {
        match self.fetch(permit, request).await {
            Ok((stored, how)) => Waited::Far(stored, how),
            Err(right) => Waited::Ask {
                right,
                turn,
                approach,
            },
        }
    }

    /// Waits for the answer to another request for the same URI, if there is one under way. `let_go` is
    /// called before it waits.
    pub(crate) async fn wait(&self, request: &HeaderMap, mut let_go: impl FnMut()) -> Waited {
        let engine = &self.shared.engine;
        if !self.coalesces(request) {
            return self
                .fetched(self.permit(), request, None, Approach::default())
                .await;
        }
        let mut approach = Approach::default();
        let mut others = 0;
        loop {
            let premises = engine.premises(&self.call.tags);
            let helps = |held: &Kept| self.helpful(held.value(), request).is_some();
            let follower = match engine.join_for(self.key.as_bytes(), premises, helps) {
                Turn::Hit(entry) => match self.usable(entry.value(), request) {
                    Some((stored, _)) if approach.waited => return Waited::Shared(stored),
                    Some((stored, how)) => return Waited::Stored(stored, how),
                    None => continue,
                },
                Turn::Lead(permit) | Turn::Alone(permit) => {
                    return self.fetched(permit, request, None, approach).await;
                }
                Turn::Follow(follower) => follower,
            };
            // another one validates it
            if let Some((stored, how)) = self.usable_now(request) {
                return Waited::Stored(stored, how);
            }
            approach.waited = true;
            let_go();
            // the one that was waited for is gone; take its place
            let Some((outcome, waiting)) = follower.outcome_and_waiting().await else {
                approach.left_alone = true;
                continue;
            };
            let gate = match outcome {
                Outcome::Value(entry) | Outcome::Stale(entry) => {
                    match self.usable(entry.value(), request) {
                        Some((stored, _)) => {
                            let Some(tape) = &stored.coming else {
                                return Waited::Shared(stored);
                            };
                            if let Some(reader) = Reader::join(tape, waiting) {
                                return Waited::Coming(stored, reader);
                            }
                            // its beginning is not kept any more: there was too much of it
                        }
                        None => {
                            others += 1;
                            if others < OTHERS {
                                continue;
                            }
                        }
                    }
                    None
                }
                Outcome::Failed(why) => {
                    if let Some(NotShared::OriginFailed) = why.downcast_ref()
                        && let Some(stored) = self.instead(request, Failure::Status)
                    {
                        return Waited::Instead(stored, Failure::Status);
                    }
                    None
                }
                Outcome::Released(gate) => {
                    if let Some(stored) = self.instead(request, Failure::Disconnected) {
                        return Waited::Instead(stored, Failure::Disconnected);
                    }
                    Some(gate)
                }
            };
            let turn = match gate {
                Some(gate) => gate.pass().await,
                None => None,
            };
            if let Some((stored, _)) = self.usable_now(request) {
                return Waited::Shared(stored);
            }
            return self.fetched(self.permit(), request, turn, approach).await;
        }
    }
}
