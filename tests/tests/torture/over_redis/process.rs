//! One of the processes of a run: reads, writes and invalidates until it is told to stop, and then says what
//! happened.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tests::eventually_async;
use tests::torture::{Event, Instant, Key, Process, Span, Status, Trouble, Version, What};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tower_redis::Toolkit;
use tower_redis::cache::{self, Cache, CacheStats};

use super::clock::Clock;
use super::source::Source;
use crate::keys::{How, KEYS, name, status, tags};
use crate::random::Random;

/// What stands before an event on stdout.
pub(super) const EVENT: &str = "event ";

/// What stands before its counts there.
pub(super) const STATS: &str = "stats ";

/// Longer than any read may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Longer than another process may be behind while Redis answers.
const CALM: Duration = Duration::from_secs(4);

/// How many read at a time.
const READERS: u64 = 6;

/// What a process is told by its environment.
#[derive(Debug)]
pub(super) struct Orders {
    pub(super) process: Process,
    pub(super) seed: u64,
    pub(super) origin: u64,
    pub(super) source: Source,
    pub(super) ttl: Duration,
}

/// What the cache of a process counted.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Stats {
    pub(super) lookups: u64,
    pub(super) lost_tokens: u64,
    refused_fills: u64,
    far_failures: u64,
}

impl Stats {
    fn of(stats: &CacheStats) -> Self {
        Self {
            lookups: stats.near_hits + stats.far_hits + stats.suspect_hits + stats.misses,
            lost_tokens: stats.lost_tokens,
            refused_fills: stats.refused_fills,
            far_failures: stats.far_failures,
        }
    }

    /// Adds those of another process.
    pub(super) fn add(&mut self, other: &Self) {
        self.lookups += other.lookups;
        self.lost_tokens += other.lost_tokens;
        self.refused_fills += other.refused_fills;
        self.far_failures += other.far_failures;
    }
}

struct Inner {
    process: Process,
    clock: Clock,
    source: Source,
    toolkit: Toolkit,
    cache: Cache<String, Version>,
    events: Mutex<Vec<Event>>,
    failures: AtomicU64,
    /// Nothing new is begun.
    stops: AtomicBool,
    /// What has not ended hangs.
    is_over: AtomicBool,
}

/// Does what it is told until somebody connects.
pub(super) async fn run(orders: Orders) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let toolkit = Toolkit::from_env().unwrap();
    let inner = Arc::new(Inner {
        process: orders.process,
        clock: Clock::since(orders.origin),
        source: orders.source,
        cache: toolkit.cache("numbers").ttl(orders.ttl).build().unwrap(),
        toolkit,
        events: Mutex::default(),
        failures: AtomicU64::new(0),
        stops: AtomicBool::new(false),
        is_over: AtomicBool::new(false),
    });
    hears(&inner.toolkit).await;
    println!("\nlistening on http://{}", listener.local_addr().unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    for reader in 0..READERS {
        let random = Random::new(orders.seed.wrapping_mul(31).wrapping_add(reader));
        tasks.spawn(read_on(Arc::clone(&inner), random));
    }
    let random = Random::new(orders.seed.wrapping_mul(31).wrapping_add(READERS));
    tasks.spawn(write_on(Arc::clone(&inner), random));
    listener.accept().await.unwrap();
    inner.stops.store(true, Ordering::Release);
    let ended = async { while tasks.join_next().await.is_some() {} };
    let all = timeout(PATIENCE, ended).await;
    inner.is_over.store(true, Ordering::Release);
    if all.is_err() {
        tasks.shutdown().await;
    }
    for event in inner.events.lock().unwrap().iter() {
        println!("{EVENT}{}", serde_json::to_string(event).unwrap());
    }
    let stats = Stats::of(&inner.cache.stats());
    println!("{STATS}{}", serde_json::to_string(&stats).unwrap());
}

/// Waits until the process hears of what others do: a flight that began before is joined by nobody.
async fn hears(toolkit: &Toolkit) {
    let cache = toolkit.cache::<u64, u64>("heard").build().unwrap();
    eventually_async("what others do is heard", || async {
        let load = || async { Ok::<_, ()>(0) };
        cache.entry(&0).get_or_load(load).await.status == cache::Status::Near
    })
    .await;
}

async fn read_on(inner: Arc<Inner>, mut random: Random) {
    while !inner.stops() {
        let key = random.below(KEYS);
        let takes = random.millis(0, 30);
        if random.once_in(3) {
            inner.read_detached(key, takes).await;
        } else if random.once_in(20) {
            let read = inner.read(key, takes);
            // whether it ends in time is not asked for
            let _ = timeout(random.millis(0, 20), read).await;
        } else {
            inner.read(key, takes).await;
        }
        sleep(random.millis(1, 25)).await;
    }
}

async fn write_on(inner: Arc<Inner>, mut random: Random) {
    while !inner.stops() {
        let (key, how) = if inner.is_calm() {
            (0, How::Key(0))
        } else {
            let key = random.below(KEYS);
            (key, How::of(key, random.below(12), random.once_in(2)))
        };
        inner.write(key).await;
        inner.invalidate(how).await;
        sleep(random.millis(5, 150)).await;
    }
}

impl Inner {
    fn stops(&self) -> bool {
        self.stops.load(Ordering::Acquire)
    }

    /// Whether only one key is written for now, by all processes: what one of them does not hear of would be
    /// old for longer than any bound, with nothing that makes an end to it.
    fn is_calm(&self) -> bool {
        let spans = self.clock.now().since(Instant::default()).as_secs() / CALM.as_secs();
        spans % 2 == 1
    }

    fn end(&self, begin: Instant, what: What) {
        self.add(Span::new(begin, self.clock.now()), what);
    }

    fn add(&self, span: Span, what: What) {
        self.events.lock().unwrap().push(Event {
            process: self.process,
            span,
            what,
        });
    }

    async fn write(&self, key: Key) {
        let begin = self.clock.now();
        let version = self.source.write(key).await;
        self.end(begin, What::Write { key, version });
    }

    async fn invalidate(&self, how: How) {
        let begin = self.clock.now();
        let what = how.invalidate(&self.toolkit, &self.cache).await;
        self.end(begin, what);
    }

    async fn read(self: &Arc<Self>, key: Key, takes: Duration) {
        let reading = Reading::begin(self, key);
        let (name, tags) = (name(key), tags(key));
        let entry = self.cache.entry(name.as_str()).tags(&tags);
        let found = entry.get_or_load(|| reading.load(takes)).await;
        reading.end(found.value.ok(), status(found.status));
    }

    async fn read_detached(self: &Arc<Self>, key: Key, takes: Duration) {
        let reading = Arc::new(Reading::begin(self, key));
        let (name, tags) = (name(key), tags(key));
        let entry = self.cache.entry(name.as_str()).tags(&tags);
        let load = Arc::clone(&reading);
        let found = entry.get_or_load_detached(move || async move { load.load(takes).await });
        let found = found.await;
        reading.end(found.value.ok(), status(found.status));
    }

    /// Redis may not have answered since `begin`, for a reason that nobody planned.
    fn notice_failures(&self, begin: Instant) {
        let failures = self.cache.stats().far_failures;
        if self.failures.fetch_max(failures, Ordering::AcqRel) < failures {
            self.end(begin, What::Trouble(Trouble::Data));
        }
    }
}

/// A read under way.
struct Reading {
    inner: Arc<Inner>,
    key: Key,
    begin: Instant,
    load: Mutex<Option<(Span, Option<Version>)>>,
    end: Mutex<Option<Instant>>,
}

impl Reading {
    fn begin(inner: &Arc<Inner>, key: Key) -> Self {
        Self {
            begin: inner.clock.now(),
            inner: Arc::clone(inner),
            key,
            load: Mutex::default(),
            end: Mutex::default(),
        }
    }

    async fn load(&self, takes: Duration) -> Result<Version, ()> {
        let clock = self.inner.clock;
        let begin = clock.now();
        *self.load.lock().unwrap() = Some((Span { begin, end: None }, None));
        let version = self.inner.source.read(self.key).await;
        sleep(takes).await;
        *self.load.lock().unwrap() = Some((Span::new(begin, clock.now()), Some(version)));
        Ok(version)
    }

    fn end(&self, found: Option<Version>, status: Status) {
        let end = self.inner.clock.now();
        *self.end.lock().unwrap() = Some(end);
        let what = What::Read {
            key: self.key,
            found,
            status,
        };
        self.inner.add(Span::new(self.begin, end), what);
        self.inner.notice_failures(self.begin);
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let now = self.inner.clock.now();
        let end = *self.end.get_mut().unwrap();
        if end.is_none() && self.inner.is_over.load(Ordering::Acquire) {
            let span = Span {
                begin: self.begin,
                end: None,
            };
            let what = What::Read {
                key: self.key,
                found: None,
                status: Status::Coalesced,
            };
            self.inner.add(span, what);
        }
        let Some((mut span, brought)) = self.load.get_mut().unwrap().take() else {
            return;
        };
        span.end = span.end.or(Some(now));
        let what = What::Load {
            key: self.key,
            brought,
            flight: Span::new(self.begin, end.unwrap_or(now)),
            dropped: end.is_none(),
        };
        self.inner.add(span, what);
    }
}
