//! What keys take, and what is forgotten to make room.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tower_redis::limit::{Limiter, Policy, Quota};
use tower_redis::testing::ManualClock;

use crate::support::{Verdict, only_naive, passes, toolkit, unless};

const ROOM: usize = 1_000;
const PERIOD: Duration = Duration::from_secs(60);

/// One call a minute for each key.
trait Store {
    fn passes(&mut self, key: &str, now: Duration) -> bool;
    fn keys(&self) -> usize;
}

struct Ours {
    limiter: Limiter,
    clock: ManualClock,
    now: Duration,
}

impl Ours {
    fn new(keys: usize) -> Self {
        let clock = ManualClock::new();
        let policy = Policy::new("one", Quota::new(1, PERIOD)).max_keys(keys);
        let limiter = toolkit(&clock).limiter(&policy).unwrap();
        Self {
            limiter,
            clock,
            now: Duration::ZERO,
        }
    }
}

impl Store for Ours {
    fn passes(&mut self, key: &str, now: Duration) -> bool {
        self.clock.advance(now - self.now);
        self.now = now;
        passes(&self.limiter, key)
    }

    fn keys(&self) -> usize {
        self.limiter.stats().keys
    }
}

/// Keeps what it is told to.
#[derive(Default)]
struct Naive {
    entries: HashMap<String, Duration>,
    order: VecDeque<String>,
    /// Forgets the oldest key when there are more.
    most: Option<usize>,
    /// Looks at all keys after so many calls, and forgets those at rest.
    sweep: Option<usize>,
    calls: usize,
}

impl Store for Naive {
    fn passes(&mut self, key: &str, now: Duration) -> bool {
        self.calls += 1;
        if self
            .sweep
            .is_some_and(|every| self.calls.is_multiple_of(every))
        {
            self.entries.retain(|_, at| *at + PERIOD > now);
        }
        if self.entries.get(key).is_some_and(|at| *at + PERIOD > now) {
            return false;
        }
        if self.entries.insert(key.to_owned(), now).is_none() {
            self.order.push_back(key.to_owned());
        }
        if self.most.is_some_and(|most| self.entries.len() > most)
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
        true
    }

    fn keys(&self) -> usize {
        self.entries.len()
    }
}

/// A client that was refused, while another one comes with ever new keys.
fn nobody_is_forgotten_too_early(store: &mut dyn Store) -> Verdict {
    store.passes("throttled", Duration::ZERO);
    for n in 0..20 * ROOM {
        store.passes(&n.to_string(), Duration::ZERO);
    }
    let freed = store.passes("throttled", PERIOD - Duration::from_secs(1));
    unless(!freed, "who was refused is let in since others came")
}

/// GitHub lost counters to eviction. A Redis that evicts loses them as well, which is why limits want one that does
/// not: `CACHE_REDIS_URL` gives caches their own.
#[test]
fn trap_15_eviction_is_amnesty() {
    let mut naive = Naive {
        most: Some(ROOM),
        ..Naive::default()
    };
    only_naive(
        nobody_is_forgotten_too_early(&mut Ours::new(ROOM)),
        nobody_is_forgotten_too_early(&mut naive),
    );
}

/// An attacker with ever new keys.
fn memory_is_bounded(store: &mut dyn Store) -> Verdict {
    for n in 0..20 * ROOM {
        store.passes(&n.to_string(), Duration::ZERO);
    }
    unless(
        store.keys() <= ROOM,
        format!("{} keys where {ROOM} may be", store.keys()),
    )
}

/// governor#171.
#[test]
fn trap_20_memory_grows_with_every_key() {
    only_naive(
        memory_is_bounded(&mut Ours::new(ROOM)),
        memory_is_bounded(&mut Naive::default()),
    );
}

/// How many keys at rest one call removes, while all of them are removed in the end.
fn no_call_cleans_up_for_all(store: &mut dyn Store) -> Verdict {
    const KEYS: usize = 20 * ROOM;
    for n in 0..KEYS {
        store.passes(&n.to_string(), Duration::ZERO);
    }
    for n in KEYS..2 * KEYS {
        let before = store.keys();
        store.passes(&n.to_string(), 2 * PERIOD);
        let removed = (before + 1).saturating_sub(store.keys());
        unless(removed <= 64, format!("one call removed {removed} keys"))?;
    }
    unless(store.keys() <= KEYS + 64, "keys at rest are kept")
}

/// `governor`'s `retain_recent` looks at all keys at once, under their locks.
#[test]
fn trap_21_one_call_cleans_up_for_all() {
    let mut naive = Naive {
        sweep: Some(1_000),
        ..Naive::default()
    };
    only_naive(
        no_call_cleans_up_for_all(&mut Ours::new(100 * ROOM)),
        no_call_cleans_up_for_all(&mut naive),
    );
}
