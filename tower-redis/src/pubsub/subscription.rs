//! The reading end.

use std::fmt;
use std::sync::Arc;

use super::event::{Event, Lagged};
use super::queue::Queue;

/// What was published on a channel, or on all, since it was made. Dropping it ends it.
pub struct Subscription {
    queue: Arc<Queue>,
    // tells the transport that nobody reads any more
    _leave: Box<dyn Send + Sync>,
}

impl Subscription {
    /// The reading end of `queue`; `leave` is dropped with it.
    pub(super) fn new(queue: Arc<Queue>, leave: impl Send + Sync + 'static) -> Self {
        let _leave = Box::new(leave);
        Self { queue, _leave }
    }

    /// Waits for the next event. `None` when no handle to the bus is left and everything that was
    /// published has been read.
    ///
    /// # Errors
    /// [`Lagged`] when events were lost since the last call; those after them follow.
    ///
    /// # Cancellation
    /// Dropping the future loses no event.
    pub async fn next(&mut self) -> Option<Result<Event, Lagged>> {
        self.queue.next().await
    }

    /// The next event, if one waits.
    ///
    /// # Errors
    /// [`Lagged`] when events were lost since the last call; those after them follow.
    pub fn try_next(&mut self) -> Option<Result<Event, Lagged>> {
        self.queue.pop()
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}
