//! Keeps a body while it passes, to store it once it is whole.

use std::sync::Arc;

use http::HeaderMap;

use crate::cache::engine::Engine;
use crate::cache::flight::Outcome;
use crate::cache::hold::Hold;
use crate::clock::Moment;

use super::combine::combined;
use super::kept::Kept;
use super::reel::as_u64;
use super::rfc9111::verdict::Reason;
use super::right::Right;
use super::shared::{NotShared, drop_selected, is_superseded, store};
use super::stored::{Head, Stored};
use super::tape::Tape;
use super::variants::Variants;

/// Tells those who wait for a load that its response is not for them.
pub(crate) fn send_on(right: &mut Right) {
    right
        .dismiss()
        .tell(Outcome::Failed(Arc::new(NotShared::Personal)));
}

/// A response on its way into the store. Dropped, it stores nothing, and one of those who wait for it
/// asks the origin instead.
#[derive(Debug)]
pub(crate) struct Keeper {
    pub(crate) engine: Engine<Kept>,
    pub(crate) right: Right,
    pub(crate) head: Head,
    /// The fields of the request.
    pub(crate) request: HeaderMap,
    /// When the request was sent.
    pub(crate) sent: Moment,
    /// The length the body should have, if that is known.
    pub(crate) announced: Option<u64>,
    pub(crate) limit: usize,
    pub(crate) length: usize,
}

impl Keeper {
    /// Counts what comes. `Err` when there is more than the limit or the announced length.
    pub(crate) fn push(&mut self, data: &[u8]) -> Result<(), Reason> {
        self.length = self.length.saturating_add(data.len());
        if self.length > self.limit {
            return Err(Reason::TooLarge);
        }
        if self
            .announced
            .is_some_and(|announced| as_u64(self.length) > announced)
        {
            return Err(Reason::Incomplete);
        }
        Ok(())
    }

    /// Whether all that was announced has come. Never, when nothing was.
    pub(crate) fn has_all(&self) -> bool {
        self.announced == Some(as_u64(self.length))
    }

    /// The response as those see it who have it while its body is on its way.
    pub(crate) fn coming(&self, tape: &Arc<Tape>) -> Arc<Stored> {
        let now = self.engine.clock().coarse();
        Arc::new(Stored::coming(self.head.clone(), Arc::clone(tape), now))
    }

    /// Lets those have what is `coming` who wait for it or will come.
    pub(crate) fn announce(&mut self, coming: Arc<Stored>) {
        let now = self.engine.clock().coarse();
        let coming = Variants::of(vec![coming], &self.request, now);
        self.right
            .announce(&Kept::hold(Arc::new(coming)), self.sent);
    }

    /// The body has ended, and is on the `tape`. A part is stored with those that it continues, and handed on as it is.
    pub(crate) fn end(self, tape: &Tape) -> Result<Arc<Stored>, Reason> {
        if self.announced.is_some() && !self.has_all() {
            self.give_up(Reason::Incomplete);
            return Err(Reason::Incomplete);
        }
        let now = self.engine.clock().coarse();
        let stored = Arc::new(Stored::new(self.head, tape.whole(), now));
        let all = match self.engine.find(self.right.key()) {
            Some(known) if stored.head.part.is_some() => {
                let (new, known) = (Arc::clone(&stored), known.value());
                combined(new, known, &self.request, self.limit, now)
            }
            _ => Arc::clone(&stored),
        };
        store(&self.engine, self.right, all, &self.request);
        Ok(stored)
    }

    /// The response will not be stored after all.
    pub(crate) fn give_up(mut self, reason: Reason) {
        tracing::debug!(
            detail = reason.as_str(),
            "http cache: a body was not stored"
        );
        send_on(&mut self.right);
        if self.head.part.is_none() && is_superseded(self.head.status, reason) {
            drop_selected(&self.engine, self.right, &self.request);
        }
    }
}
