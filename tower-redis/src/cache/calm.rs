//! Whether requests are loading, for what stands back then.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// The loads that are under way for somebody.
#[derive(Debug, Default)]
pub(super) struct Calm {
    loads: AtomicUsize,
    over: Notify,
}

/// Held while a load runs for somebody.
#[derive(Debug)]
pub(super) struct Busy<'a>(&'a Calm);

impl Calm {
    /// A load for somebody.
    pub(super) fn busy(&self) -> Busy<'_> {
        self.loads.fetch_add(1, Ordering::AcqRel);
        Busy(self)
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

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        if self.0.loads.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.over.notify_waiters();
        }
    }
}
