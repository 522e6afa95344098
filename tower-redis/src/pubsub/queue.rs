//! The messages that wait for one subscription: bounded, the oldest go first.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::event::{Event, Lagged};

#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    waiting: VecDeque<Event>,
    capacity: usize,
    missed: u64,
    closed: bool,
}

impl Queue {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                capacity: capacity.max(1),
                missed: 0,
                closed: false,
            }),
            changed: Notify::new(),
        }
    }

    /// Adds `event`; returns the one it pushed out, to be dropped where no lock is held. The reader
    /// is not woken: see [`wake`](Self::wake).
    pub(super) fn push(&self, event: Event) -> Option<Event> {
        let mut state = self.state();
        let oldest = if state.waiting.len() < state.capacity {
            None
        } else {
            state.missed += 1;
            state.waiting.pop_front()
        };
        state.waiting.push_back(event);
        oldest
    }

    /// Wakes the reader. A waker runs code of the executor, so no lock may be held.
    pub(super) fn wake(&self) {
        self.changed.notify_one();
    }

    /// Nothing will be pushed any more; what waits can still be read.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.wake();
    }

    pub(super) fn pop(&self) -> Option<Result<Event, Lagged>> {
        let mut state = self.state();
        match std::mem::take(&mut state.missed) {
            0 => state.waiting.pop_front().map(Ok),
            missed => Some(Err(Lagged { missed })),
        }
    }

    /// The next event, once there is one; `None` when the queue is closed and read to its end.
    pub(super) async fn next(&self) -> Option<Result<Event, Lagged>> {
        loop {
            // before the look at the queue: what is pushed after the look leaves a permit behind
            let changed = self.changed.notified();
            let closed = self.state().closed;
            match self.pop() {
                None if closed => return None,
                None => changed.await,
                event => return event,
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_and_are_counted_once() {
        let queue = Queue::new(2);
        for n in 0..5 {
            queue.push(Event::new("a", n.into()));
        }
        assert_eq!(queue.pop(), Some(Err(Lagged { missed: 3 })));
        assert_eq!(queue.pop(), Some(Ok(Event::new("a", 3.into()))));
        assert_eq!(queue.pop(), Some(Ok(Event::new("a", 4.into()))));
        assert_eq!(queue.pop(), None);
    }

    #[test]
    fn a_closed_queue_is_read_to_its_end() {
        let queue = Queue::new(2);
        queue.push(Event::new("a", 1.into()));
        queue.close();
        assert!(matches!(pollster::block_on(queue.next()), Some(Ok(_))));
        assert_eq!(pollster::block_on(queue.next()), None);
        assert_eq!(pollster::block_on(queue.next()), None);
    }
}
