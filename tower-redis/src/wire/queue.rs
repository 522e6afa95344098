//! Who is sent first when many ask at once.
//!
//! A driver writes what it has been handed when it is polled. If all calls of a runtime were handed over before
//! that, they would be one write, and client and server would take turns at working: with 64 calls under way that
//! took half as long again. So after each so many the rest stands back, behind the driver: twice as many go each
//! time, so that nobody does so often. Nobody holds a place meanwhile: a call that is not polled again is in nobody's
//! way.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

/// Calls that are handed over before the others stand back.
const AT_ONCE: usize = 32;
/// How often a call stands back at most.
const TIMES: u32 = 5;

/// The calls that one driver has been handed since it was polled.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue(Arc<AtomicUsize>);

impl Queue {
    /// Ready when a call may be handed over: at once, or when others have had a turn.
    pub(super) fn turn(&self) -> Turn<'_> {
        Turn {
            queue: self,
            stood_back: 0,
        }
    }

    /// Drives `driver`, which takes all that it is handed.
    pub(super) async fn drive(self, driver: impl Future<Output = ()>) {
        let mut driver = pin!(driver);
        std::future::poll_fn(|cx| {
            self.0.store(0, Ordering::Relaxed);
            driver.as_mut().poll(cx)
        })
        .await;
    }
}

/// The turn of one call.
pub(super) struct Turn<'a> {
    queue: &'a Queue,
    /// How often.
    stood_back: u32,
}

impl Future for Turn<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let before = self.queue.0.fetch_add(1, Ordering::Relaxed);
        if before < AT_ONCE << self.stood_back || self.stood_back >= TIMES {
            return Poll::Ready(());
        }
        self.stood_back += 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    #[test]
    fn the_rest_stands_back_until_its_turn_comes() {
        let queue = Queue::default();
        let mut turns: Vec<_> = (0..8 * AT_ONCE).map(|_| queue.turn()).collect();
        let mut cx = Context::from_waker(Waker::noop());
        let mut ready = |turn: &mut Turn<'_>| Pin::new(turn).poll(&mut cx).is_ready();
        let mut went = Vec::new();
        while !turns.is_empty() {
            let before = turns.len();
            turns.retain_mut(|turn| !ready(turn));
            went.push((before - turns.len()) / AT_ONCE);
            let driven = queue.clone().drive(async {});
            assert!(
                pin!(driven)
                    .poll(&mut Context::from_waker(Waker::noop()))
                    .is_ready()
            );
        }
        assert_eq!(went, [1, 2, 4, 1]);
    }

    #[test]
    fn nobody_stands_back_for_ever() {
        let queue = Queue::default();
        let mut cx = Context::from_waker(Waker::noop());
        let mut ready = |turn: &mut Turn<'_>| Pin::new(turn).poll(&mut cx).is_ready();
        while ready(&mut queue.turn()) {}
        (0..AT_ONCE << TIMES).for_each(|_| {
            let _ = ready(&mut queue.turn());
        });
        // the driver does not run
        let mut turn = queue.turn();
        let polls = (0..).take_while(|_| !ready(&mut turn)).count();
        assert_eq!(polls, TIMES as usize);
        let driven = queue.clone().drive(async {});
        assert!(
            pin!(driven)
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_ready()
        );
        assert!(ready(&mut queue.turn()));
    }
}
