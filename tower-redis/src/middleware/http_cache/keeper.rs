//! Collects a body while it passes, to store it once it is whole.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;

use crate::cache::engine::Engine;
use crate::cache::flight::Outcome;
use crate::cache::hold::Hold;

use super::combine::combined;
use super::kept::Kept;
use super::rfc9111::verdict::Reason;
use super::right::Right;
use super::shared::{NotShared, store};
use super::stored::{Head, Stored};

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
    /// The length the body should have, if that is known.
    pub(crate) announced: Option<u64>,
    pub(crate) limit: usize,
    pub(crate) kept: Vec<u8>,
}

impl Keeper {
    /// Takes a copy: what passes may be a small part of a large buffer. False when there is more than
    /// the limit or the announced length.
    pub(crate) fn push(&mut self, data: &[u8]) -> Result<(), Reason> {
        let length = self.kept.len().saturating_add(data.len());
        if length > self.limit {
            return Err(Reason::TooLarge);
        }
        if self
            .announced
            .is_some_and(|announced| as_u64(length) > announced)
        {
            return Err(Reason::Incomplete);
        }
        self.kept.extend_from_slice(data);
        Ok(())
    }

    /// Whether all that was announced has come. Never, when nothing was.
    pub(crate) fn has_all(&self) -> bool {
        self.announced == Some(as_u64(self.kept.len()))
    }

    /// The body has ended. A part is stored with those that it continues, and handed on as it is.
    pub(crate) fn end(self) -> Result<Arc<Stored>, Reason> {
        if self.announced.is_some() && !self.has_all() {
            self.give_up(Reason::Incomplete);
            return Err(Reason::Incomplete);
        }
        let body = Bytes::from(self.kept.into_boxed_slice());
        let stored = Arc::new(Stored::new(self.head, body, self.engine.clock().coarse()));
        let all = match self.engine.find(self.right.key()) {
            Some(known) if stored.head.part.is_some() => {
                let (new, known) = (Arc::clone(&stored), known.value());
                let now = self.engine.clock().coarse();
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
    }
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
