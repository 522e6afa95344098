//! Whether it makes sense to ask the server at all.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use crate::clock::Moment;
use crate::error::Error;

use super::fault::Away;

/// Closed while the server answers, open while it does not.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    open: AtomicBool,
    seen: AtomicBool,
    why: Mutex<Option<(Away, Moment)>>,
    opened: Notify,
}

impl Breaker {
    /// Refuses while it is open.
    pub(super) fn check(&self) -> Result<(), Error> {
        if !self.open.load(Ordering::Relaxed) {
            return Ok(());
        }
        match self.why() {
            Some((why, _)) => Err(why.error()),
            None => Ok(()),
        }
    }

    /// The server is away: since the first time this is said, for the reason that is said last.
    pub(super) fn open(&self, why: Away, now: Moment) {
        let mut known = self.why.lock().unwrap_or_else(PoisonError::into_inner);
        let first = known.is_none();
        let since = known.map_or(now, |(_, since)| since);
        *known = Some((why, since));
        self.open.store(true, Ordering::Relaxed);
        drop(known);
        if first {
            tracing::warn!(reason = why.as_str(), "Redis is away");
            self.opened.notify_one();
        }
    }

    /// The server has answered.
    pub(super) fn close(&self) {
        if !self.seen.load(Ordering::Relaxed) {
            self.seen.store(true, Ordering::Relaxed);
        }
        if !self.open.load(Ordering::Relaxed) {
            return;
        }
        let mut known = self.why.lock().unwrap_or_else(PoisonError::into_inner);
        let was = known.take();
        self.open.store(false, Ordering::Relaxed);
        drop(known);
        if was.is_some() {
            tracing::info!("Redis answers again");
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed)
    }

    /// Whether the server has ever answered.
    pub(super) fn has_answered(&self) -> bool {
        self.seen.load(Ordering::Relaxed)
    }

    pub(super) fn why(&self) -> Option<(Away, Moment)> {
        *self.why.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it is open.
    pub(super) async fn opened(&self) {
        while !self.is_open() {
            self.opened.notified().await;
        }
    }
}
