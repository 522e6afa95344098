//! The library door: `Cache<K, V>` on a toolkit in memory.
#![cfg(feature = "testing")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod bounds;
mod calls;
mod early;
mod errors;
mod flight;
mod freshness;
mod hostile;
mod invalidation;
mod listener;
mod many;
mod nesting;
mod off;
mod rests;
mod spans;
mod stale;
mod timeless;
mod unkept;
mod warm;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tower_redis::Toolkit;
use tower_redis::cache::Cache;
use tower_redis::testing::ManualClock;

const HOUR: Duration = Duration::from_secs(3_600);

/// A cache of numbers by number on a clock that stands still.
fn cache() -> Cache<u64, u64> {
    toolkit().0.cache("numbers").build().unwrap()
}

fn toolkit() -> (Toolkit, ManualClock) {
    let clock = ManualClock::new();
    let toolkit = Toolkit::builder().clock(clock.clock()).build().unwrap();
    (toolkit, clock)
}

/// Counts calls.
#[derive(Debug, Clone, Default)]
struct Calls(Arc<AtomicUsize>);

impl Calls {
    fn count(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn seen(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// A load that brings `value` at once.
async fn brings(value: u64) -> Result<u64, Infallible> {
    Ok(value)
}

/// Lets every other task of a current-thread runtime run until none is ready.
async fn settle() {
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
}
