//! One process, and what it does.

use std::rc::Rc;
use std::time::Duration;

use tests::torture::{Instant, Key, Process, Span, Version, What};
use tower_redis::Toolkit;
use tower_redis::cache::Cache;
use tower_redis::testing::FarProcess;

use super::log::Log;
use super::source::Source;
use super::tasks::{Sleepers, come_back};
use crate::call::{Call, Kind, Scene};
use crate::keys::{How, Value, name, status, tags};
use tests::Random;

/// One process. Clones are the same one.
#[derive(Debug, Clone)]
pub(super) struct Seat(pub(super) Rc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) process: Process,
    pub(super) far: FarProcess,
    pub(super) toolkit: Toolkit,
    pub(super) cache: Cache<String, Value>,
    pub(super) log: Log,
    pub(super) source: Source,
    pub(super) sleepers: Sleepers,
}

/// How long a load takes, and whether it fails.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loading {
    pub(super) before: u64,
    pub(super) after: u64,
    pub(super) sleeps: Duration,
    pub(super) fails: bool,
}

impl Loading {
    pub(super) fn draw(random: &mut Random) -> Self {
        Self {
            before: random.below(4),
            after: random.below(4),
            sleeps: if random.once_in(8) {
                random.millis(0, 4_000)
            } else {
                Duration::ZERO
            },
            fails: random.once_in(12),
        }
    }
}

impl Inner {
    async fn load(&self, key: Key, loading: Loading) -> Result<Version, ()> {
        come_back(loading.before).await;
        let version = self.source.says(key);
        let until = self.log.time() + loading.sleeps;
        self.sleepers.until(&self.log, until).await;
        come_back(loading.after).await;
        (!loading.fails).then_some(version).ok_or(())
    }
}

impl Scene for Inner {
    fn now(&self) -> Instant {
        self.log.now()
    }

    fn add(&self, span: Span, what: What) {
        self.log.add(self.process, span, what);
    }

    fn is_over(&self) -> bool {
        self.log.is_over()
    }

    fn failures(&self) -> u64 {
        self.cache.stats().far_failures
    }
}

impl Seat {
    pub(super) async fn read(self, key: Key, loading: Loading) {
        let inner = &*self.0;
        let call = Call::begin(inner, Kind::Read, key);
        let (name, tags) = (name(key), tags(key));
        let entry = inner.cache.entry(name.as_str()).tags(&tags);
        let load = || call.load(inner.load(key, loading));
        let found = entry.get_or_load(load).await;
        call.found(found.value, status(found.status));
    }

    /// Loads whatever is there, to take its place.
    pub(super) async fn refresh(self, key: Key, loading: Loading) {
        let inner = &*self.0;
        let call = Call::begin(inner, Kind::Refresh, key);
        let (name, tags) = (name(key), tags(key));
        let entry = inner.cache.entry(name.as_str()).tags(&tags);
        // one that fails leaves everything as it was
        let _ = entry.refresh(|| call.load(inner.load(key, loading))).await;
        call.end();
    }

    pub(super) async fn invalidate(&self, how: How) {
        let inner = &*self.0;
        let begin = inner.log.now();
        let what = how.invalidate(&inner.toolkit, &inner.cache).await;
        inner.log.end(inner.process, begin, what);
    }

    /// Stores what is true; nobody writes the key meanwhile.
    pub(super) async fn put(&self, key: Key, version: Version) {
        let inner = &*self.0;
        let call = Call::begin(inner, Kind::Put(version), key);
        let (name, tags) = (name(key), tags(key));
        let entry = inner.cache.entry(name.as_str()).tags(&tags);
        entry.put(version.into()).await;
        call.end();
    }
}
