//! What several of these experiments need.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};

use tests::DEADLINE;
use tokio::sync::Semaphore;
use tower_redis::Toolkit;
use tower_redis::config::{Settings, Variables};
use tower_redis::testing::ManualClock;

/// Counts the runs of one function, and how many of them are under way.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    begun: AtomicUsize,
    ended: AtomicUsize,
    /// The most that were under way at once.
    most: AtomicUsize,
}

/// One run under way.
pub(crate) struct Run(&'static Runs);

impl Runs {
    pub(crate) const fn new() -> Self {
        Self {
            begun: AtomicUsize::new(0),
            ended: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        }
    }

    /// Counts a run, which ends with what this returns.
    pub(crate) fn begin(&'static self) -> Run {
        let begun = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let under_way = begun - self.ended.load(Ordering::SeqCst);
        self.most.fetch_max(under_way, Ordering::SeqCst);
        Run(self)
    }

    /// Counts a run that is over at once, and tells which it is, from 1.
    pub(crate) fn count(&'static self) -> usize {
        drop(self.begin());
        self.begun()
    }

    pub(crate) fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::SeqCst);
    }
}

/// Waits until `gate` is open, and leaves it so.
pub(crate) async fn pass(gate: &Semaphore) {
    drop(gate.acquire().await.unwrap());
}

/// What `future` brings; a hang is a failure.
pub(crate) async fn ends<F: Future>(future: F) -> F::Output {
    let ended = tokio::time::timeout(DEADLINE, future).await;
    ended.unwrap_or_else(|_| panic!("it hangs"))
}

/// A toolkit in memory, and its clock.
pub(crate) fn turned_by_hand() -> (ManualClock, Toolkit) {
    let clock = ManualClock::new();
    let toolkit = Toolkit::builder().clock(clock.clock()).build().unwrap();
    (clock, toolkit)
}

/// One process that uses the Redis of `url`.
pub(crate) fn process(url: &str, clock: &ManualClock) -> Toolkit {
    // a busy machine is not what is tested here
    let variables = Variables::from([("REDIS_URL", url), ("REDIS_TIMEOUT", "10s")]);
    let builder = Toolkit::builder().settings(Settings::read(&variables).unwrap());
    builder.clock(clock.clock()).build().unwrap()
}

/// How many lookups have found nothing so far: those who wait are among them.
pub(crate) fn misses(toolkit: &Toolkit) -> u64 {
    let stats = toolkit.stats();
    stats.caches.iter().map(|cache| cache.misses).sum()
}
