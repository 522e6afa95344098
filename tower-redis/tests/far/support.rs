//! Two processes and what they load.

use std::convert::Infallible;
#[cfg(feature = "macros")]
use std::future::Future;
#[cfg(feature = "macros")]
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
#[cfg(feature = "macros")]
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tower_redis::Toolkit;
use tower_redis::cache::{Cache, Status};
use tower_redis::config::Settings;
use tower_redis::testing::{FarProcess, FarServer, ManualClock};

pub(crate) const TTL: Duration = Duration::from_secs(60);

/// A source of truth: what it says now, and how often it was asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Source(Arc<(AtomicU64, AtomicU64)>);

impl Source {
    pub(crate) fn says(&self, value: u64) {
        self.0.0.store(value, Ordering::SeqCst);
    }

    pub(crate) fn asked(&self) -> u64 {
        self.0.1.load(Ordering::SeqCst)
    }

    pub(crate) fn ask(&self) -> u64 {
        self.0.1.fetch_add(1, Ordering::SeqCst);
        self.0.0.load(Ordering::SeqCst)
    }
}

/// One process with one cache.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) far: FarProcess,
    pub(crate) toolkit: Toolkit,
    pub(crate) cache: Cache<u64, u64>,
}

impl Process {
    pub(crate) fn new(server: &FarServer, clock: &ManualClock) -> Self {
        Self::with(server, clock, Settings::default())
    }

    pub(crate) fn with(server: &FarServer, clock: &ManualClock, settings: Settings) -> Self {
        let far = server.process();
        let builder = Toolkit::builder().settings(settings).clock(clock.clock());
        let toolkit = builder.far(&far).build().unwrap();
        let cache = toolkit.cache("numbers").ttl(TTL).build().unwrap();
        Self {
            far,
            toolkit,
            cache,
        }
    }

    /// What the cache answers, and how.
    pub(crate) async fn read(&self, key: u64, source: &Source) -> (u64, Status) {
        self.read_tagged(key, &[], source).await
    }

    pub(crate) async fn read_tagged(
        &self,
        key: u64,
        tags: &[&str],
        source: &Source,
    ) -> (u64, Status) {
        let load = || async { Ok::<_, Infallible>(source.ask()) };
        let found = self.cache.entry(&key).tags(tags).get_or_load(load).await;
        (found.value.unwrap(), found.status)
    }
}

/// A clock, a server and two processes that use it.
pub(crate) fn two() -> (ManualClock, FarServer, Process, Process) {
    let clock = ManualClock::new();
    let server = FarServer::new(&clock);
    let (one, other) = (Process::new(&server, &clock), Process::new(&server, &clock));
    (clock, server, one, other)
}

/// One step of `future`, which nobody wakes.
#[cfg(feature = "macros")]
pub(crate) fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}
