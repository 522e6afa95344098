//! Who is sent first when many ask at once.
//!
//! A driver writes what it has been handed when it is polled. If all calls of a runtime were handed over before
//! that, they would be one write, and client and server would take turns at working: with 64 calls under way that
//! took half as long again. So after each so many the rest stands back once, behind the driver. Nobody holds a
//! place while it does: a call that is not polled again is in nobody's way.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

/// Calls that are handed over before the others stand back.
const AT_ONCE: usize = 32;

/// The calls that one driver has been handed since it was polled.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue(Arc<AtomicUsize>);

impl Queue {
    /// Ready when a call may be handed over: at once, or when everybody who is ready to run had a turn.
    pub(super) fn turn(&self) -> Turn<'_> {
        Turn {
            queue: self,
            stood_back: false,
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
    stood_back: bool,
}

impl Future for Turn<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let before = self.queue.0.fetch_add(1, Ordering::Relaxed);
        if before < AT_ONCE || std::mem::replace(&mut self.stood_back, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    #[test]
    fn the_rest_stands_back_once() {
        let queue = Queue::default();
        let mut cx = Context::from_waker(Waker::noop());
        let mut turns: Vec<_> = (0..2 * AT_ONCE).map(|_| queue.turn()).collect();
        let mut ready = |turn: &mut Turn<'_>| Pin::new(turn).poll(&mut cx).is_ready();
        let first: Vec<_> = turns.iter_mut().map(&mut ready).collect();
        assert_eq!(first.iter().filter(|ready| **ready).count(), AT_ONCE);
        // whether or not the driver has run, nobody stands back twice
        assert!(turns[AT_ONCE..].iter_mut().all(&mut ready));
        assert!(!ready(&mut queue.turn()));
        let driven = queue.clone().drive(async {});
        assert!(
            pin!(driven)
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_ready()
        );
        assert!(ready(&mut queue.turn()));
    }
}
