//! One process, and what it does.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tests::torture::{Instant, Key, Process, Reach, Span, Status, Version, What};
use tower_redis::Toolkit;
use tower_redis::cache::Cache;
use tower_redis::testing::FarProcess;

use super::log::Log;
use super::source::Source;
use super::tasks::{Sleepers, come_back};
use crate::keys::{How, name, status, tags};

/// One process. Clones are the same one.
#[derive(Debug, Clone)]
pub(super) struct Seat(pub(super) Rc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) process: Process,
    pub(super) far: FarProcess,
    pub(super) toolkit: Toolkit,
    pub(super) cache: Cache<String, Version>,
    pub(super) log: Log,
    pub(super) source: Source,
    pub(super) sleepers: Sleepers,
    /// How often its way to the data was cut.
    pub(super) cuts: Cell<u64>,
    pub(super) is_cut: Cell<bool>,
}

/// How long a load takes, and whether it fails.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loading {
    pub(super) before: u64,
    pub(super) after: u64,
    pub(super) sleeps: Duration,
    pub(super) fails: bool,
}

impl Seat {
    pub(super) async fn read(self, key: Key, loading: Loading) {
        let inner = &*self.0;
        let reading = Reading {
            seat: inner,
            key,
            begin: inner.log.now(),
            load: RefCell::default(),
            is_done: Cell::new(false),
        };
        let tags = tags(key);
        let name = name(key);
        let entry = inner.cache.entry(name.as_str()).tags(&tags);
        let load = || reading.load(loading);
        let found = entry.get_or_load(load).await;
        reading.end(found.value.ok(), status(found.status));
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
        let (begin, cuts) = (inner.log.now(), inner.cuts.get());
        let was_cut = inner.is_cut.get();
        let tags = tags(key);
        inner
            .cache
            .entry(name(key).as_str())
            .tags(&tags)
            .put(version)
            .await;
        let reach = if was_cut || inner.cuts.get() != cuts {
            Reach::Pending
        } else {
            Reach::Everywhere
        };
        let what = What::Put {
            key,
            version,
            reach,
        };
        inner.log.end(inner.process, begin, what);
    }
}

/// A read under way.
struct Reading<'a> {
    seat: &'a Inner,
    key: Key,
    begin: Instant,
    /// Its load: from when to when, and what it brought.
    load: RefCell<Option<(Span, Option<Version>)>>,
    is_done: Cell<bool>,
}

impl Reading<'_> {
    async fn load(&self, loading: Loading) -> Result<Version, ()> {
        let log = &self.seat.log;
        let begin = log.now();
        *self.load.borrow_mut() = Some((Span { begin, end: None }, None));
        come_back(loading.before).await;
        let version = self.seat.source.says(self.key);
        self.seat
            .sleepers
            .until(log, log.time() + loading.sleeps)
            .await;
        come_back(loading.after).await;
        let brought = (!loading.fails).then_some(version);
        *self.load.borrow_mut() = Some((Span::new(begin, log.now()), brought));
        brought.ok_or(())
    }

    fn end(&self, found: Option<Version>, status: Status) {
        self.is_done.set(true);
        let what = What::Read {
            key: self.key,
            found,
            status,
        };
        self.seat.log.end(self.seat.process, self.begin, what);
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let (log, process) = (&self.seat.log, self.seat.process);
        let now = log.now();
        let is_done = self.is_done.get();
        if let Some((mut span, brought)) = self.load.take() {
            span.end = span.end.or(Some(now));
            let what = What::Load {
                key: self.key,
                brought,
                flight: Span::new(self.begin, now),
                dropped: !is_done,
            };
            log.add(process, span, what);
        }
        if !is_done && log.is_over() {
            let span = Span {
                begin: self.begin,
                end: None,
            };
            let what = What::Read {
                key: self.key,
                found: None,
                status: Status::Coalesced,
            };
            log.add(process, span, what);
        }
    }
}
