//! How long calls take.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

/// Draws how often a caller has to come back before its call is done, and before it hears of it.
#[derive(Debug, Default)]
pub(super) struct Pace(AtomicU64);

impl Pace {
    /// Calls take their time from now on, as `seed` has it; with 0 they do not.
    pub(super) fn set(&self, seed: u64) {
        self.0.store(seed, Ordering::Relaxed);
    }

    pub(super) fn draw(&self) -> (u64, u64) {
        let state = self.0.load(Ordering::Relaxed);
        if state == 0 {
            return (0, 0);
        }
        // the constants of Knuth's linear congruential generator
        let next = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0.store(next.max(1), Ordering::Relaxed);
        (next >> 40 & 3, next >> 50 & 3)
    }
}

/// Comes back `times`.
pub(super) async fn come_back(mut times: u64) {
    poll_fn(|cx| {
        let Some(less) = times.checked_sub(1) else {
            return Poll::Ready(());
        };
        times = less;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
