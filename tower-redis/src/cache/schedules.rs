//! The cache under every order of events that `shuttle` comes upon: its locks and atomics are scheduled
//! ([`crate::sync`]), and the near tier lets others go first before it does anything.
//!
//! A schedule that breaks a promise is printed, and a `ReplayScheduler` runs it again: see CONTRIBUTING.md.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Poll;
use std::time::Duration;

use shuttle::future::{block_on, spawn};
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::sync::atomic::AtomicU64;
use shuttle::{Config, Runner};

use crate::clock::ManualClock;
use crate::config::{Settings, Variables};

use super::assembly::Surroundings;
use super::builder::CacheBuilder;
use super::fault::{CacheFault, pause};
use super::fresh::Fresh;
use super::status::Status;
use super::tagging::Tagging;
use super::tags::Severity;
use super::typed::Cache;

const KEY: u64 = 7;
const OTHER: u64 = 8;
const TAG: &str = "tag";

/// One process, the truth about all keys, and how much of it is promised to be seen.
#[derive(Clone)]
struct World(Arc<Inner>);

struct Inner {
    cache: Cache<u64, u64>,
    source: AtomicU64,
    /// What every lookup from here on sees at least.
    least: AtomicU64,
    /// The same for what is not stale.
    least_fresh: AtomicU64,
    loads: AtomicU64,
    loading: AtomicU64,
}

impl World {
    fn new(build: impl FnOnce(CacheBuilder<u64, u64>) -> CacheBuilder<u64, u64>) -> Self {
        let surroundings = Surroundings {
            enabled: true,
            default_ttl: Duration::from_secs(60),
            packing: Settings::read(&Variables::from_iter([("", ""); 0]))
                .unwrap()
                .cache
                .packing(),
            tags: Tagging::default(),
            far: None,
            clock: ManualClock::new().clock(),
            tasks: Default::default(),
            registry: Default::default(),
            caches: Default::default(),
        };
        let builder = CacheBuilder::near("numbers", surroundings).capacity(4);
        Self(Arc::new(Inner {
            cache: build(builder).build().unwrap(),
            source: AtomicU64::new(0),
            least: AtomicU64::new(0),
            least_fresh: AtomicU64::new(0),
            loads: AtomicU64::new(0),
            loading: AtomicU64::new(0),
        }))
    }

    fn plain() -> Self {
        Self::new(|builder| builder)
    }

    fn cache(&self) -> &Cache<u64, u64> {
        &self.0.cache
    }

    async fn load(&self) -> Result<u64, Infallible> {
        self.0.loads.fetch_add(1, SeqCst);
        self.0.loading.fetch_add(1, SeqCst);
        let says = self.0.source.load(SeqCst);
        pause().await;
        self.0.loading.fetch_sub(1, SeqCst);
        Ok(says)
    }

    /// Nothing older is read than what was promised before.
    async fn read(&self) {
        let least = self.0.least.load(SeqCst);
        let fresh = self.0.least_fresh.load(SeqCst);
        let entry = self.cache().entry(&KEY).tags(&[TAG]);
        let found = entry.get_or_load(|| self.load()).await;
        self.holds(found.value.unwrap(), found.status, (least, fresh));
    }

    #[track_caller]
    fn holds(&self, found: u64, status: Status, (least, fresh): (u64, u64)) {
        let least = if status == Status::Stale {
            least
        } else {
            fresh
        };
        assert!(found >= least, "read {found}, expected {least}: {status:?}");
    }

    fn writes(&self) -> u64 {
        self.0.source.fetch_add(1, SeqCst) + 1
    }

    /// From here on nothing older than `version` is read.
    fn promise(&self, version: u64) {
        self.0.least.fetch_max(version, SeqCst);
        self.promise_fresh(version);
    }

    fn promise_fresh(&self, version: u64) {
        self.0.least_fresh.fetch_max(version, SeqCst);
    }

    /// Everybody has come to an end.
    fn is_calm(&self) {
        block_on(self.read());
        let stats = self.cache().stats();
        assert_eq!(stats.loading, 0);
        assert!(stats.entries <= 4);
    }
}

/// Runs all of `tasks` at once, each on a thread of its own, to their end.
macro_rules! at_once {
    ($world:ident: $($task:expr),+ $(,)?) => {{
        let tasks = [$({
            let $world = $world.clone();
            spawn(async move { $task })
        }),+];
        block_on(async {
            for task in tasks {
                task.await.unwrap();
            }
        });
        $world.is_calm();
    }};
}

/// Polls `work` at most `times`, and drops it.
async fn cut_short(times: usize, work: impl Future) {
    let mut work = pin!(work);
    let mut left = times;
    poll_fn(|cx| {
        let Some(less) = left.checked_sub(1) else {
            return Poll::Ready(());
        };
        left = less;
        work.as_mut().poll(cx).map(drop)
    })
    .await;
}

/// A leader and its followers, and an invalidation that comes before, between or after.
fn a_key_is_invalidated() {
    let world = World::plain();
    at_once!(world:
        world.read().await,
        world.read().await,
        {
            let version = world.writes();
            world.cache().invalidate(&KEY).await;
            world.promise(version);
            world.read().await;
        },
    );
}

fn a_tag_is_invalidated() {
    let world = World::plain();
    at_once!(world:
        world.read().await,
        world.read().await,
        {
            let version = world.writes();
            world.cache().invalidate_tags(&[TAG]).await;
            world.promise(version);
            world.read().await;
        },
    );
}

/// The load says only afterwards which tags there are.
fn a_tag_is_invalidated_before_it_is_known() {
    async fn read(world: &World) {
        let least = world.0.least.load(SeqCst);
        let load = |_| async { world.load().await.map(|value| Fresh::new(value).tag(TAG)) };
        let found = world.cache().entry(&KEY).load_with(load).await;
        world.holds(found.value.unwrap(), found.status, (least, least));
    }
    let world = World::plain();
    at_once!(world:
        read(&world).await,
        read(&world).await,
        {
            let version = world.writes();
            world.cache().invalidate_tags(&[TAG]).await;
            world.promise(version);
            read(&world).await;
        },
    );
}

fn everything_is_removed() {
    let world = World::plain();
    at_once!(world:
        world.read().await,
        {
            let version = world.writes();
            world.cache().clear().await;
            world.promise(version);
            world.read().await;
        },
        {
            let version = world.writes();
            world.cache().invalidate_prefix("7").await.unwrap();
            world.promise(version);
        },
    );
}

/// A `put` beside a load that has seen less.
fn a_value_is_put() {
    let world = World::plain();
    at_once!(world:
        world.read().await,
        world.read().await,
        {
            let version = world.writes();
            world.cache().put(&KEY, version, Duration::from_secs(60)).await;
            world.promise(version);
            world.read().await;
        },
    );
}

/// A refresh beside loads that may have seen less.
fn a_key_is_refreshed() {
    let world = World::plain();
    at_once!(world:
        world.read().await,
        world.read().await,
        {
            world.writes();
        },
        {
            let load = || async {
                pause().await;
                world.load().await
            };
            let version = world.cache().refresh(&KEY, load).await.unwrap();
            world.promise(version);
            world.read().await;
        },
    );
}

/// A load that began after the refresh did, and has seen less.
fn a_load_overtakes_a_refresh() {
    let world = World::plain();
    at_once!(world:
        world.read().await,
        {
            let load = || async {
                for _ in 0..3 {
                    pause().await;
                }
                world.writes();
                world.load().await
            };
            let version = world.cache().refresh(&KEY, load).await.unwrap();
            world.promise(version);
        },
    );
}

/// What expires may answer as stale, and as nothing else.
fn a_key_expires() {
    let window = Duration::from_secs(10);
    let world = World::new(|builder| {
        builder
            .stale_while_revalidate(window)
            .stale_if_error(window)
    });
    let tags = Arc::clone(&world.cache().engine.tagging().cells);
    at_once!(world:
        world.read().await,
        world.read().await,
        {
            let version = world.writes();
            world.cache().expire(&KEY).await;
            world.promise_fresh(version);
            world.read().await;
        },
        {
            let version = world.writes();
            tags.invalidate(&[TAG], Severity::Expire);
            world.promise_fresh(version);
            world.read().await;
        },
    );
}

/// A leader goes half-way, and another one takes over.
fn a_leader_is_dropped() {
    let world = World::plain();
    at_once!(world:
        cut_short(1, world.read()).await,
        cut_short(2, world.read()).await,
        world.read().await,
        {
            let version = world.writes();
            world.cache().invalidate(&KEY).await;
            world.promise(version);
        },
    );
}

/// An error that is remembered is not older than an invalidation either.
fn a_load_fails() {
    async fn read(world: &World, fails: bool) {
        let least = world.0.least.load(SeqCst);
        let load = || async {
            let says = world.load().await.unwrap_or_default();
            if fails { Err(says) } else { Ok(says) }
        };
        let found = world.cache().entry(&KEY).get_or_load(load).await;
        let says = found.value.unwrap_or_else(|error| *error);
        world.holds(says, found.status, (least, least));
    }
    let world = World::new(|builder| builder.throttle(Duration::from_secs(5)));
    at_once!(world:
        read(&world, true).await,
        read(&world, false).await,
        {
            let version = world.writes();
            world.cache().invalidate(&KEY).await;
            world.promise(version);
            read(&world, true).await;
            read(&world, false).await;
        },
        {
            world.cache().invalidate(&KEY).await;
            read(&world, true).await;
        },
    );
}

/// One load for all, as long as nothing comes between.
fn many_look_up_one_key() {
    let world = World::plain();
    at_once!(world: world.read().await, world.read().await, world.read().await, world.read().await);
    assert_eq!(world.0.loads.load(SeqCst), 1, "one loads for all");
    assert_eq!(world.0.loading.load(SeqCst), 0);
}

/// Loads that need each other, and somebody who needs both.
fn two_keys_need_each_other() {
    async fn both(world: &World, first: u64, second: u64) {
        let load = || async {
            pause().await;
            let inner = world
                .cache()
                .get_or_load(&second, || async { Ok::<_, Infallible>(1) });
            inner.await.map(|inner| inner + 1)
        };
        world.cache().get_or_load(&first, load).await.unwrap();
    }
    let world = World::plain();
    at_once!(world:
        both(&world, KEY, OTHER).await,
        both(&world, OTHER, KEY).await,
        world.read().await,
    );
}

/// Looks for an order of events that breaks something, at random, and with few changes of threads at the worst
/// places.
fn run(scenario: fn()) {
    search(scenario, 500);
}

fn search(scenario: fn(), times: usize) {
    const CHANGES: usize = 3;
    let config = || {
        let mut config = Config::new();
        // without optimization a lookup takes more than the usual one
        config.stack_size = 1 << 20;
        config
    };
    Runner::new(RandomScheduler::new(times), config()).run(scenario);
    Runner::new(PctScheduler::new(CHANGES, times), config()).run(scenario);
}

#[track_caller]
fn is_found(fault: CacheFault, scenario: fn()) {
    // it ends with the first that notices; orders are drawn, and one of the faults goes unnoticed in 500 of them
    // every twentieth time
    const TIMES: usize = 20_000;
    let _fault = fault.commit();
    let ran = catch_unwind(AssertUnwindSafe(|| search(scenario, TIMES)));
    assert!(ran.is_err(), "nobody noticed {fault:?}");
}

#[test]
fn an_invalidation_is_seen_by_whoever_comes_later() {
    run(a_key_is_invalidated);
    run(a_tag_is_invalidated);
    run(a_tag_is_invalidated_before_it_is_known);
    run(everything_is_removed);
}

#[test]
fn what_is_put_or_refreshed_is_not_overwritten_by_what_is_older() {
    run(a_value_is_put);
    run(a_key_is_refreshed);
    run(a_load_overtakes_a_refresh);
}

#[test]
fn what_has_expired_is_not_fresh() {
    run(a_key_expires);
}

#[test]
fn nobody_waits_for_a_leader_that_is_gone() {
    run(a_leader_is_dropped);
}

#[test]
fn an_error_is_not_older_than_an_invalidation() {
    run(a_load_fails);
}

#[test]
fn of_many_one_loads() {
    run(many_look_up_one_key);
}

#[test]
fn loads_that_need_each_other_end() {
    run(two_keys_need_each_other);
}

#[test]
fn a_flight_that_ends_before_its_fill_is_found() {
    is_found(CacheFault::FlightEndsEarly, many_look_up_one_key);
}

#[test]
fn a_leader_that_is_lost_is_found() {
    is_found(CacheFault::LostLeader, a_leader_is_dropped);
}

#[test]
fn an_older_load_that_fills_over_a_refresh_is_found() {
    is_found(CacheFault::OlderLoadsFill, a_load_overtakes_a_refresh);
}

#[test]
fn late_tags_that_are_not_compared_are_found() {
    is_found(
        CacheFault::LateTagsAreNotCompared,
        a_tag_is_invalidated_before_it_is_known,
    );
}
