//! One of the processes of a run: reads, writes and invalidates until it is told to stop, and then says what
//! happened.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tests::eventually_async;
use tests::torture::{Event, Instant, Key, Process, Reach, Span, Trouble, Version, What};
use tokio::join;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tower_redis::Toolkit;
use tower_redis::cache::{self, Cache};

use super::source::{Source, Writing};
use super::stats::Stats;
use crate::call::{Call, Kind, Scene};
use crate::clock::Clock;
use crate::keys::{How, KEYS, Value, name, status, tags};
use tests::Random;

/// What stands before an event on stdout.
pub(super) const EVENT: &str = "event ";

/// What stands before its counts there.
pub(super) const STATS: &str = "stats ";

/// Longer than any read may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Longer than another process may be behind while Redis answers.
const CALM: Duration = Duration::from_secs(4);

/// Longer than a `put` that was given up may still be done.
const LATE: Duration = Duration::from_secs(1);

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

struct Inner {
    process: Process,
    clock: Clock,
    source: Source,
    toolkit: Toolkit,
    cache: Cache<String, Value>,
    events: Mutex<Vec<Event>>,
    noticed: AtomicU64,
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
        noticed: AtomicU64::new(0),
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
            let how = if random.once_in(5) {
                How::All
            } else {
                How::of(key, random.below(11), random.once_in(2))
            };
            (key, how)
        };
        let (version, writing) = inner.write(key).await;
        let takes = random.millis(0, 30);
        // for most it is enough
        let patience = if random.once_in(5) {
            random.millis(0, 20)
        } else {
            PATIENCE
        };
        match random.below(6) {
            0 => {
                let put = timeout(patience, inner.put(key, version));
                let looks = inner.look_on(key, &mut random);
                if !matches!(join!(put, looks).0, Ok(Reach::Everywhere)) {
                    sleep(LATE).await;
                }
                drop(writing);
            }
            1 | 2 => {
                drop(writing);
                let refresh = timeout(patience, inner.refresh(key, takes));
                let looks = inner.look_on(key, &mut random);
                // whether it ends in time is not asked for
                let _ = join!(refresh, looks);
            }
            _ => {
                drop(writing);
                inner.invalidate(how).await;
            }
        }
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

    async fn write(&self, key: Key) -> (Version, Writing) {
        let begin = self.clock.now();
        let (version, writing) = self.source.write(key).await;
        self.end(begin, What::Write { key, version });
        (version, writing)
    }

    async fn load(&self, key: Key, takes: Duration) -> Result<Version, ()> {
        let version = self.source.read(key).await;
        sleep(takes).await;
        Ok(version)
    }

    /// Stores what is true; nobody writes the key meanwhile.
    async fn put(&self, key: Key, version: Version) -> Reach {
        let call = Call::begin(self, Kind::Put(version), key);
        let (name, tags) = (name(key), tags(key));
        let entry = self.cache.entry(name.as_str()).tags(&tags);
        entry.put(version.into()).await;
        call.end();
        self.notice_failures(call.begin);
        call.reach()
    }

    /// Loads whatever is there, to take its place.
    async fn refresh(&self, key: Key, takes: Duration) {
        let call = Call::begin(self, Kind::Refresh, key);
        let (name, tags) = (name(key), tags(key));
        let entry = self.cache.entry(name.as_str()).tags(&tags);
        let loaded = entry.refresh(|| call.load(self.load(key, takes))).await;
        call.end();
        self.notice_failures(call.begin);
        loaded.unwrap();
    }

    /// Some read `key` while it is replaced.
    fn look_on<'a>(
        self: &'a Arc<Self>,
        key: Key,
        random: &mut Random,
    ) -> impl Future<Output = ()> + use<'a> {
        let (later, more) = (random.millis(0, 3), random.millis(0, 10));
        let takes = random.millis(0, 30);
        async move {
            sleep(later).await;
            self.read(key, takes).await;
            sleep(more).await;
            self.read_detached(key, takes).await;
        }
    }

    async fn invalidate(&self, how: How) {
        let begin = self.clock.now();
        let what = how.invalidate(&self.toolkit, &self.cache).await;
        self.end(begin, what);
    }

    async fn read(&self, key: Key, takes: Duration) {
        let call = Call::begin(self, Kind::Read, key);
        let (name, tags) = (name(key), tags(key));
        let entry = self.cache.entry(name.as_str()).tags(&tags);
        let load = || call.load(self.load(key, takes));
        let found = entry.get_or_load(load).await;
        call.found(found.value, status(found.status));
        self.notice_failures(call.begin);
    }

    async fn read_detached(self: &Arc<Self>, key: Key, takes: Duration) {
        let call = Arc::new(Call::begin(Arc::clone(self), Kind::Read, key));
        let (name, tags) = (name(key), tags(key));
        let entry = self.cache.entry(name.as_str()).tags(&tags);
        let (inner, load) = (Arc::clone(self), Arc::clone(&call));
        let load = move || async move { load.load(inner.load(key, takes)).await };
        let found = entry.get_or_load_detached(load).await;
        call.found(found.value, status(found.status));
        self.notice_failures(call.begin);
    }

    /// Redis may not have answered since `begin`, for a reason that nobody planned.
    fn notice_failures(&self, begin: Instant) {
        let failures = self.failures();
        if self.noticed.fetch_max(failures, Ordering::AcqRel) < failures {
            self.end(begin, What::Trouble(Trouble::Data));
        }
    }
}

impl Scene for Inner {
    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn add(&self, span: Span, what: What) {
        self.events.lock().unwrap().push(Event {
            process: self.process,
            span,
            what,
        });
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    fn failures(&self) -> u64 {
        self.cache.stats().far_failures
    }
}
