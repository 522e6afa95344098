//! What a GET that found nothing usable asks, and whom it waits for.

use std::sync::Arc;

use http::header::{HeaderMap, UPGRADE};

use crate::cache::flight::{Outcome, Pass, Permit, Turn};
use crate::cache::hold::{Direct, Hold};
use crate::clock::Moment;
use crate::key::KeyWriter;

use super::rfc9111::directives::RequestDirectives;
use super::rfc9111::reuse::reuse;
use super::rfc9111::validation::{has_validator, is_conditional};
use super::rfc9111::verdict::Forward;
use super::shared::Shared;
use super::stored::{Stored, Variants};

/// How many answers that turn out to be for other requests, as `Vary` asks, one request waits for. With
/// a few variants each is asked for once; with many nobody waits for long.
const OTHERS: usize = 3;

/// What a GET that found nothing usable asks.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) shared: Arc<Shared>,
    pub(crate) key: KeyWriter,
    pub(crate) directives: RequestDirectives,
    pub(crate) forward: Forward,
    /// No other request's answer will do: what is stored has to be validated for each, or nothing that
    /// could be shared has come lately.
    pub(crate) alone: bool,
}

/// What waiting for another request's answer came to.
pub(crate) enum Waited {
    /// Its answer is good for this one, too. `true` when it was waited for.
    Answered(Arc<Stored>, bool),
    /// Ask the origin.
    Ask {
        permit: Permit<Direct<Variants>>,
        /// Held until the origin has answered, where many were sent to it at once.
        turn: Pass,
        waited: bool,
    },
}

/// The response that may answer a request now, or why it has to go forward.
pub(crate) fn pick<'a>(
    variants: &'a Variants,
    request: &HeaderMap,
    directives: &RequestDirectives,
    now: Moment,
) -> Result<&'a Arc<Stored>, Forward> {
    if variants.is_empty() {
        return Err(Forward::UriMiss);
    }
    let stored = variants.select(request).ok_or(Forward::VaryMiss)?;
    let head = &stored.head;
    reuse(directives, &head.directives, &head.freshness, now).map(|()| stored)
}

impl Ask {
    /// Whether the answer to another request could be the answer to this one, and the other way
    /// round: one with a condition may be answered 304, one that asks to switch protocols 101, and
    /// one that insists on the origin's own word or forbids to store its answer has nothing to give
    /// or take.
    fn coalesces(&self, request: &HeaderMap) -> bool {
        let asked = &self.directives;
        !(self.alone
            || is_conditional(request)
            || request.contains_key(UPGRADE)
            || asked.no_store
            || asked.no_cache
            || asked.max_age == Some(0))
    }

    fn permit(&self) -> Permit<Direct<Variants>> {
        let engine = &self.shared.engine;
        engine.permit(self.key.as_bytes(), engine.premises::<&str>(&[]))
    }

    fn usable(&self, variants: &Variants, request: &HeaderMap) -> Option<Arc<Stored>> {
        let now = self.shared.now();
        pick(variants, request, &self.directives, now).ok().cloned()
    }

    fn usable_now(&self, request: &HeaderMap) -> Option<Arc<Stored>> {
        let entry = self.shared.engine.find(self.key.as_bytes())?;
        self.usable(entry.value(), request)
    }

    /// Waits for the answer to another request for the same URI, if there is one under way. `let_go` is
    /// called before it waits.
    pub(crate) async fn wait(&self, request: &HeaderMap, mut let_go: impl FnMut()) -> Waited {
        let engine = &self.shared.engine;
        if !self.coalesces(request) {
            return Waited::Ask {
                permit: self.permit(),
                turn: None,
                waited: false,
            };
        }
        let mut waited = false;
        let mut others = 0;
        loop {
            let premises = engine.premises::<&str>(&[]);
            let helps = |held: &Direct<Variants>| self.usable(held.value(), request).is_some();
            let follower = match engine.join_for(self.key.as_bytes(), premises, helps) {
                Turn::Hit(entry) => match self.usable(entry.value(), request) {
                    Some(stored) => return Waited::Answered(stored, waited),
                    None => continue,
                },
                Turn::Lead(permit) | Turn::Alone(permit) => {
                    return Waited::Ask {
                        permit,
                        turn: None,
                        waited,
                    };
                }
                Turn::Follow(follower) => follower,
            };
            waited = true;
            let_go();
            let gate = match follower.outcome().await {
                // the one that was waited for is gone; take its place
                None => continue,
                Some(Outcome::Value(entry) | Outcome::Stale(entry)) => {
                    if let Some(stored) = self.usable(entry.value(), request) {
                        return Waited::Answered(stored, true);
                    }
                    others += 1;
                    if others < OTHERS {
                        continue;
                    }
                    None
                }
                Some(Outcome::Failed(_)) => None,
                Some(Outcome::Released(gate)) => Some(gate),
            };
            let turn = match gate {
                Some(gate) => gate.pass().await,
                None => None,
            };
            if let Some(stored) = self.usable_now(request) {
                return Waited::Answered(stored, true);
            }
            return Waited::Ask {
                permit: self.permit(),
                turn,
                waited,
            };
        }
    }

    /// What is stored for the request, if the origin can be asked whether it is still good. A request
    /// that forbids to store its answer cannot renew it either (section 5.2.1.5).
    pub(crate) fn to_validate(&self, request: &HeaderMap) -> Option<Arc<Stored>> {
        if self.directives.no_store {
            return None;
        }
        let entry = self.shared.engine.find(self.key.as_bytes())?;
        let stored = entry.value().select(request)?;
        has_validator(&stored.head.fields).then(|| Arc::clone(stored))
    }
}
