//! What a GET that found nothing usable asks, and whom it waits for.

use std::sync::Arc;

use http::header::{HeaderMap, UPGRADE};

use crate::cache::flight::{Outcome, Pass, Permit, Turn};
use crate::cache::hold::{Direct, Hold};
use crate::clock::Moment;
use crate::key::KeyWriter;

use super::cache_status::CacheStatus;
use super::rfc9111::directives::RequestDirectives;
use super::rfc9111::reuse::{Reuse, Unusable, reuse};
use super::rfc9111::validation::{has_validator, is_conditional};
use super::rfc9111::verdict::{Forward, Reason};
use super::shared::{Failure, NotShared, Shared};
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
    /// What is stored will do: by now, or while another one asks.
    Stored(Arc<Stored>, Reuse),
    /// The answer of the one that was waited for is good for this one, too.
    Shared(Arc<Stored>),
    /// The one that was waited for has found the origin in trouble, and what is stale will do.
    Instead(Arc<Stored>, Failure),
    /// Ask the origin.
    Ask {
        permit: Permit<Direct<Variants>>,
        /// Held until the origin has answered, where many were sent to it at once.
        turn: Pass,
        waited: bool,
    },
}

/// The response that may answer a request now, and how, or why it has to go forward.
pub(crate) fn pick<'a>(
    variants: &'a Variants,
    request: &HeaderMap,
    directives: &RequestDirectives,
    now: Moment,
) -> Result<(&'a Arc<Stored>, Reuse), Unusable> {
    if variants.is_empty() {
        return Err(Unusable::of(Forward::UriMiss));
    }
    let stored = variants.select(request);
    let stored = stored.ok_or(Unusable::of(Forward::VaryMiss))?;
    let head = &stored.head;
    let how = reuse(directives, &head.directives, &head.freshness, now)?;
    Ok((stored, how))
}

/// What `Cache-Status` says of an answer made from what is stored, without asking the origin.
pub(crate) fn hit(stored: &Stored, how: Reuse, now: Moment) -> CacheStatus {
    let status = CacheStatus::hit(stored.head.freshness.left(now));
    match how {
        Reuse::Fresh => status,
        Reuse::Accepted => status.because(Reason::MaxStale),
        Reuse::WhileRevalidating => status.because(Reason::StaleWhileRevalidate),
    }
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

    /// What is stored for the request, usable or not.
    pub(crate) fn selected(&self, request: &HeaderMap) -> Option<Arc<Stored>> {
        let entry = self.shared.engine.find(self.key.as_bytes())?;
        entry.value().select(request).cloned()
    }

    /// The right to store an answer for the request.
    pub(crate) fn permit(&self) -> Permit<Direct<Variants>> {
        let engine = &self.shared.engine;
        engine.permit(self.key.as_bytes(), engine.premises::<&str>(&[]))
    }

    fn usable(&self, variants: &Variants, request: &HeaderMap) -> Option<(Arc<Stored>, Reuse)> {
        let picked = pick(variants, request, &self.directives, self.shared.now());
        let (stored, how) = picked.ok()?;
        Some((Arc::clone(stored), how))
    }

    fn usable_now(&self, request: &HeaderMap) -> Option<(Arc<Stored>, Reuse)> {
        let entry = self.shared.engine.find(self.key.as_bytes())?;
        self.usable(entry.value(), request)
    }

    /// What is stored, however stale, if it may be used now that the origin has failed. It is looked up anew:
    /// what was invalidated meanwhile does not come back.
    pub(crate) fn instead(&self, request: &HeaderMap, failure: Failure) -> Option<Arc<Stored>> {
        let stored = self.selected(request)?;
        let head = &stored.head;
        let now = self.shared.now();
        let usable = match reuse(&self.directives, &head.directives, &head.freshness, now) {
            Ok(_) => true,
            Err(unusable) => match failure {
                Failure::Disconnected => unusable.otherwise.disconnected,
                Failure::Status => unusable.otherwise.failed,
            },
        };
        usable.then_some(stored)
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
            let helps = |held: &Direct<Variants>| {
                let usable = self.usable(held.value(), request);
                // somebody has to validate it
                usable.is_some_and(|(_, how)| how != Reuse::WhileRevalidating)
            };
            let follower = match engine.join_for(self.key.as_bytes(), premises, helps) {
                Turn::Hit(entry) => match self.usable(entry.value(), request) {
                    Some((stored, _)) if waited => return Waited::Shared(stored),
                    Some((stored, how)) => return Waited::Stored(stored, how),
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
            // another one validates it
            if let Some((stored, how)) = self.usable_now(request) {
                return Waited::Stored(stored, how);
            }
            waited = true;
            let_go();
            let gate = match follower.outcome().await {
                // the one that was waited for is gone; take its place
                None => continue,
                Some(Outcome::Value(entry) | Outcome::Stale(entry)) => {
                    if let Some((stored, _)) = self.usable(entry.value(), request) {
                        return Waited::Shared(stored);
                    }
                    others += 1;
                    if others < OTHERS {
                        continue;
                    }
                    None
                }
                Some(Outcome::Failed(why)) => {
                    if let Some(NotShared::OriginFailed) = why.downcast_ref()
                        && let Some(stored) = self.instead(request, Failure::Status)
                    {
                        return Waited::Instead(stored, Failure::Status);
                    }
                    None
                }
                Some(Outcome::Released(gate)) => {
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
            return Waited::Ask {
                permit: self.permit(),
                turn,
                waited,
            };
        }
    }

    /// The right to validate what is stored while it answers; `None` when somebody else does.
    pub(crate) fn take(&self) -> Option<Permit<Direct<Variants>>> {
        let engine = &self.shared.engine;
        let premises = engine.premises::<&str>(&[]);
        match engine.join_for(self.key.as_bytes(), premises, |_| false) {
            Turn::Lead(permit) => Some(permit),
            Turn::Alone(_) | Turn::Follow(_) | Turn::Hit(_) => None,
        }
    }

    /// What is stored for the request, if the origin can be asked whether it is still good. A request
    /// that forbids to store its answer cannot renew it either (section 5.2.1.5).
    pub(crate) fn to_validate(&self, request: &HeaderMap) -> Option<Arc<Stored>> {
        if self.directives.no_store {
            return None;
        }
        let stored = self.selected(request)?;
        has_validator(&stored.head.fields).then_some(stored)
    }
}
