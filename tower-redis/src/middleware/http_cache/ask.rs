//! What a GET that found nothing usable asks, and whom it waits for.

use std::sync::Arc;

use http::Method;
use http::header::{HeaderMap, RANGE, UPGRADE};

use crate::cache::far::Fetched;
use crate::cache::flight::{Permit, Turn};
use crate::cache::hold::Hold;
use crate::cache::terms::Call;
use crate::key::KeyWriter;

use super::kept::Kept;
use super::pick::pick;
use super::plan::Plan;
use super::rfc9111::directives::RequestDirectives;
use super::rfc9111::reuse::{Reuse, reuse};

use super::rfc9111::verdict::Forward;
use super::right::Right;
use super::shared::{Failure, Shared};
use super::stored::Stored;
use super::variants::Variants;

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

impl Ask {
    /// Whether the answer to another request could be the answer to this one, and the other way
    /// round: one that asks to switch protocols may be answered 101, and one that insists on the
    /// origin's own word or forbids to store its answer has nothing to give or take. One for a range
    /// is sooner answered by the origin than by who waits for all of it.
    pub(super) fn coalesces(&self, request: &HeaderMap) -> bool {
        let asked = &self.directives;
        !(self.alone
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

    pub(super) fn permit(&self) -> Permit<Kept> {
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

    pub(super) fn usable(
        &self,
        variants: &Variants,
        request: &HeaderMap,
    ) -> Option<(Arc<Stored>, Reuse)> {
        let picked = pick(
            variants,
            (&self.method, request),
            &self.directives,
            self.shared.now(),
        );
        let (stored, how) = picked.ok()?;
        Some((Arc::clone(stored), how))
    }

    pub(super) fn usable_now(&self, request: &HeaderMap) -> Option<(Arc<Stored>, Reuse)> {
        let kept = self.shared.kept(self.key.as_bytes(), self.shared.now())?;
        self.usable(kept.value(), request)
    }

    /// What Redis has for a request that will not store its answer.
    pub(crate) async fn look(&self, request: &HeaderMap) -> Option<(Arc<Stored>, Reuse)> {
        let engine = &self.shared.engine;
        let key = self.key.as_bytes();
        let (premises, suspect) = (engine.premises(&self.call.tags), engine.suspect(key));
        let (kept, _) = engine.look(key, premises, suspect).await?;
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
    pub(super) fn helpful(
        &self,
        variants: &Variants,
        request: &HeaderMap,
    ) -> Option<(Arc<Stored>, Reuse)> {
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
