//! Whether requests are loading, for what stands back then.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

use crate::clock::Moment;

/// The loads that are under way for somebody.
#[derive(Debug, Default)]
pub(super) struct Calm {
    loads: AtomicUsize,
    over: Notify,
}

/// A load that has begun.
#[derive(Debug)]
pub(super) struct Started<'a> {
    pub(super) at: Moment,
    busy: Option<&'a Calm>,
}

impl Calm {
    /// A load for somebody.
    pub(super) fn busy(&self, at: Moment) -> Started<'_> {
        self.loads.fetch_add(1, Ordering::AcqRel);
        let busy = Some(self);
        Started { at, busy }
    }

    /// A load that nobody stands back for.
    pub(super) fn quiet<'a>(at: Moment) -> Started<'a> {
        Started { at, busy: None }
    }

    /// Waits as long as there are loads for somebody.
    pub(super) async fn wait(&self) {
        loop {
            let mut over = std::pin::pin!(self.over.notified());
            // before it is looked, or the last one could end unseen
            over.as_mut().enable();
            if self.loads.load(Ordering::Acquire) == 0 {
                return;
            }
            over.await;
        }
    }
}

impl Drop for Started<'_> {
    fn drop(&mut self) {
        if let Some(calm) = self.busy
            && calm.loads.fetch_sub(1, Ordering::AcqRel) == 1
        {
            calm.over.notify_waiters();
        }
    }
}
