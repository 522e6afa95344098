//! What a GET that found nothing usable asks, and whom it waits for.

use std::sync::Arc;

use http::Method;
use http::header::{HeaderMap, RANGE, UPGRADE};

use crate::cache::far::Fetched;
use crate::cache::flight::{Outcome, Pass, Permit, Turn};
use crate::cache::hold::Hold;
use crate::cache::terms::Call;
use crate::key::KeyWriter;

use super::kept::Kept;
use super::pick::pick;
use super::plan::Plan;
use super::reader::Reader;
use super::rfc9110::conditions::is_conditional;
use super::rfc9111::directives::RequestDirectives;
use super::rfc9111::reuse::{Reuse, reuse};

use super::rfc9111::verdict::Forward;
use super::right::Right;
use super::shared::{Failure, NotShared, Shared};
use super::stored::Stored;
use super::variants::Variants;

/// How many answers that turn out to be for other requests, as `Vary` asks, one request waits for. With
/// a few variants each is asked for once; with many nobody waits for long.
const OTHERS: usize = 3;

/// What a GET that found nothing usable asks.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) shared: Arc<Shared>,
    pub(crate) key: KeyWriter,
    /// The origin of the request.
    pub(crate) origin: Box<str>,
    pub(crate) call: Call,
    /// Whether it is GET, or HEAD.
    pub(crate) method: Method,
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
        waited: bool,
    },
}

impl Ask {
    /// Whether the answer to another request could be the answer to this one, and the other way
    /// round: one with a condition may be answered 304, one that asks to switch protocols 101, and
    /// one that insists on the origin's own word or forbids to store its answer has nothing to give
    /// or take. One for a range is sooner answered by the origin than by who waits for all of it.
    fn coalesces(&self, request: &HeaderMap) -> bool {
        let asked = &self.directives;
        !(self.alone
            || is_conditional(request)
            || request.contains_key(RANGE)
            || request.contains_key(UPGRADE)
            || asked.no_store
            || asked.no_cache
            || asked.max_age == Some(0))
    }

    /// What is stored for the request, usable or not.
    pub(crate) fn selected(&self, request: &HeaderMap) -> Option<Arc<Stored>> {
        let kept = self.shared.kept(self.key.as_bytes(), self.shared.now())?;
        kept.value().select(&self.method, request).cloned()
    }

    /// The right to store an answer for the request in this process.
    pub(crate) fn right(&self) -> Right {
        Right::near(self.permit())
    }

    fn permit(&self) -> Permit<Kept> {
        let engine = &self.shared.engine;
        engine.permit(self.key.as_bytes(), engine.premises(&self.call.tags))
    }

    /// What Redis has for the request, or the right to store an answer. Without Redis it takes no time.
    pub(crate) async fn fetch(
        &self,
        permit: Permit<Kept>,
        request: &HeaderMap,
    ) -> Result<(Arc<Stored>, Reuse), Right> {
        /// How often something that turns up is looked at.
        const LOOKS: usize = 3;

        let engine = &self.shared.engine;
        if !engine.is_shared() {
            return Err(Right::near(permit));
        }
        let usable = |variants: &Variants| self.helpful(variants, request);
        let mut permit = permit;
        for _ in 0..LOOKS {
            let key = self.key.as_bytes();
            let rejects = |variants: &Arc<Variants>| usable(variants).is_none();
            let fetched = engine.fetch_unless(key, &self.call, permit, rejects);
            match Box::pin(fetched).await {
                Fetched::Far(kept) | Fetched::Suspect(kept) => match usable(kept.value()) {
                    Some(found) => return Ok(found),
                    None => permit = self.permit(),
                },
                Fetched::Load(flight, _) => return Err(Right::of(flight)),
            }
        }
        Err(Right::near(permit))
    }

    fn usable(&self, variants: &Variants, request: &HeaderMap) -> Option<(Arc<Stored>, Reuse)> {
        let picked = pick(
            variants,
            (&self.method, request),
            &self.directives,
            self.shared.now(),
        );
        let (stored, how) = picked.ok()?;
        Some((Arc::clone(stored), how))
    }

    fn usable_now(&self, request: &HeaderMap) -> Option<(Arc<Stored>, Reuse)> {
        let kept = self.shared.kept(self.key.as_bytes(), self.shared.now())?;
        self.usable(kept.value(), request)
    }

    /// What Redis has for a request that will not store its answer.
    pub(crate) async fn look(&self, request: &HeaderMap) -> Option<(Arc<Stored>, Reuse)> {
        let engine = &self.shared.engine;
        let (kept, _) = engine.look(self.key.as_bytes(), self.permit()).await?;
        self.usable(kept.value(), request)
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

    /// What makes it needless to ask the origin: what is stale and to be validated does not.
    fn helpful(&self, variants: &Variants, request: &HeaderMap) -> Option<(Arc<Stored>, Reuse)> {
        let usable = self.usable(variants, request);
        usable.filter(|(_, how)| *how != Reuse::WhileRevalidating)
    }

    /// What another request is bringing and is good for this one, too.
    pub(crate) fn coming(&self, request: &HeaderMap) -> Option<Arc<Stored>> {
        if !self.coalesces(request) {
            return None;
        }
        let engine = &self.shared.engine;
        let premises = engine.premises(&self.call.tags);
        let helps = |held: &Kept| self.helpful(held.value(), request).is_some();
        let coming = engine.coming(self.key.as_bytes(), &premises, helps)?;
        Some(self.helpful(coming.value(), request)?.0)
    }

    /// [`fetch`](Self::fetch), as what waiting came to.
    async fn fetched(
        &self,
        permit: Permit<Kept>,
        request: &HeaderMap,
        turn: Pass,
        waited: bool,
    ) -> Waited {
        match self.fetch(permit, request).await {
            Ok((stored, how)) => Waited::Far(stored, how),
            Err(right) => Waited::Ask {
                right,
                turn,
                waited,
            },
        }
    }

    /// Waits for the answer to another request for the same URI, if there is one under way. `let_go` is
    /// called before it waits.
    pub(crate) async fn wait(&self, request: &HeaderMap, mut let_go: impl FnMut()) -> Waited {
        let engine = &self.shared.engine;
        if !self.coalesces(request) {
            return self.fetched(self.permit(), request, None, false).await;
        }
        let mut waited = false;
        let mut others = 0;
        loop {
            let premises = engine.premises(&self.call.tags);
            let helps = |held: &Kept| self.helpful(held.value(), request).is_some();
            let follower = match engine.join_for(self.key.as_bytes(), premises, helps) {
                Turn::Hit(entry) => match self.usable(entry.value(), request) {
                    Some((stored, _)) if waited => return Waited::Shared(stored),
                    Some((stored, how)) => return Waited::Stored(stored, how),
                    None => continue,
                },
                Turn::Lead(permit) | Turn::Alone(permit) => {
                    return self.fetched(permit, request, None, waited).await;
                }
                Turn::Follow(follower) => follower,
            };
            // another one validates it
            if let Some((stored, how)) = self.usable_now(request) {
                return Waited::Stored(stored, how);
            }
            waited = true;
            let_go();
            // the one that was waited for is gone; take its place
            let Some((outcome, waiting)) = follower.outcome_and_waiting().await else {
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
            return self.fetched(self.permit(), request, turn, waited).await;
        }
    }

    /// What the right to validate while something stale answers can be had for; `None` when somebody else does, or
    /// has.
    pub(crate) fn take(&self, request: &HeaderMap) -> Option<Permit<Kept>> {
        let engine = &self.shared.engine;
        let premises = engine.premises(&self.call.tags);
        let helps = |held: &Kept| self.helpful(held.value(), request).is_some();
        match engine.join_for(self.key.as_bytes(), premises, helps) {
            Turn::Lead(permit) => Some(permit),
            Turn::Alone(_) | Turn::Follow(_) | Turn::Hit(_) => None,
        }
    }

    /// What to ask the origin for. A request that forbids to store its answer cannot renew anything either (section
    /// 5.2.1.5).
    pub(crate) fn plan(&self, request: &HeaderMap, may_be_sent_again: bool) -> Plan {
        let kept = self.shared.kept(self.key.as_bytes(), self.shared.now());
        match kept.filter(|_| !self.directives.no_store) {
            Some(kept) => Plan::of(kept.value(), request, may_be_sent_again),
            None => Plan::AsItIs,
        }
    }
}
