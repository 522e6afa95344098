//! Checks of one key that are asked together, while one of them is under way.
//!
//! The first check of a key goes at once. Those that come before its answer wait, those of one cost together,
//! and go as one call when it is there: they pass in one script as many as would have passed one after the
//! other. So an idle key waits for nothing, and a busy one asks once a round trip.
//!
//! Nobody has to stay: whoever still waits carries the call on, and when all have left the next go.

use std::collections::VecDeque;
use std::fmt;
use std::hash::BuildHasher as _;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{Shared, WeakShared};
use hashbrown::HashMap;
use hashbrown::hash_map::EntryRef;
use tokio::sync::oneshot;

use crate::error::Error;

use super::state::One;

const SHARDS: usize = 16;

/// The checks under way for one policy.
pub(super) struct Flights {
    shards: [Mutex<Shard>; SHARDS],
    hasher: foldhash::fast::RandomState,
    /// Numbers given out.
    number: AtomicU64,
}

type Shard = HashMap<Key, VecDeque<Waiting>, foldhash::fast::RandomState>;
/// Written once for all who ask about it together.
type Key = Arc<[u8]>;
type Call = Pin<Box<dyn Future<Output = Arc<Landed>> + Send>>;

/// Calls of one key and one cost that go together.
struct Waiting {
    number: u64,
    cost: u64,
    /// Who is in it; none may join once it has gone.
    passengers: u64,
    has_gone: bool,
    start: Option<oneshot::Sender<()>>,
    /// Not kept alive: when all have left it ends.
    call: WeakShared<Call>,
}

/// What came of calls that went together.
pub(super) struct Landed {
    pub(super) answer: Result<One, Error>,
    /// How many may still pass.
    left: AtomicU64,
    /// How many more than one it spoke for.
    pub(super) saved: AtomicU64,
}

impl Landed {
    /// Whether one more passes.
    pub(super) fn takes_one(&self) -> bool {
        let one_less = |left: u64| left.checked_sub(1);
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
            .is_ok()
    }
}

impl Flights {
    pub(super) fn new() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            hasher: foldhash::fast::RandomState::default(),
            number: AtomicU64::new(0),
        }
    }

    fn shard(&self, key: &[u8]) -> MutexGuard<'_, Shard> {
        let at = self.hasher.hash_one(key) as usize % SHARDS;
        self.shards[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the calls of `key` at `cost` that wait, or is the first of the next ones. `ask` makes the call about
    /// the key, for as many as are in it when it goes.
    pub(super) async fn join<F, A>(self: &Arc<Self>, key: &[u8], cost: u64, ask: A) -> Arc<Landed>
    where
        A: FnOnce(Key, u64) -> F + Send + 'static,
        F: Future<Output = Result<One, Error>> + Send + 'static,
    {
        let (call, mut seat) = self.board(key, cost, ask);
        let landed = call.await;
        seat.has_landed = true;
        landed
    }

    fn board<F, A>(self: &Arc<Self>, key: &[u8], cost: u64, ask: A) -> (Shared<Call>, Seat)
    where
        A: FnOnce(Key, u64) -> F + Send + 'static,
        F: Future<Output = Result<One, Error>> + Send + 'static,
    {
        let mut shard = self.shard(key);
        let mut entry = match shard.entry_ref(key) {
            EntryRef::Occupied(entry) => entry,
            EntryRef::Vacant(entry) => entry.insert_entry_with_key(key.into(), VecDeque::new()),
        };
        let key = Arc::clone(entry.key());
        let queue = entry.get_mut();
        let turn = |number| Turn {
            flights: Arc::clone(self),
            key: Arc::clone(&key),
            number,
        };
        if let Some(last) = queue.back_mut()
            && last.cost == cost
            && !last.has_gone
            && let Some(call) = last.call.upgrade()
        {
            last.passengers += 1;
            return (call, Seat::of(turn(last.number)));
        }
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let (start, started) = oneshot::channel();
        let call = fly(turn(number), started, ask).shared();
        if let Some(weak) = call.downgrade() {
            queue.push_back(Waiting {
                number,
                cost,
                passengers: 1,
                has_gone: false,
                // the first has nothing to wait for
                start: (!queue.is_empty()).then_some(start),
                call: weak,
            });
        }
        (call, Seat::of(turn(number)))
    }
}

fn fly<F, A>(turn: Turn, started: oneshot::Receiver<()>, ask: A) -> Call
where
    A: FnOnce(Key, u64) -> F + Send + 'static,
    F: Future<Output = Result<One, Error>> + Send + 'static,
{
    let flight = Flight(turn);
    Box::pin(async move {
        // it starts as well if there is nobody to say so
        let _ = started.await;
        let passengers = flight.0.goes();
        let answer = ask(Arc::clone(&flight.0.key), passengers).await;
        let left = answer.as_ref().map_or(0, |one| one.passed);
        Arc::new(Landed {
            answer,
            left: AtomicU64::new(left),
            saved: AtomicU64::new(passengers - 1),
        })
    })
}

/// Which calls these are.
struct Turn {
    flights: Arc<Flights>,
    key: Key,
    number: u64,
}

impl Turn {
    fn with<T>(&self, then: impl FnOnce(&mut Waiting) -> T) -> Option<T> {
        let mut shard = self.flights.shard(&self.key);
        let queue = shard.get_mut(&*self.key)?;
        let mine = queue
            .iter_mut()
            .find(|waiting| waiting.number == self.number);
        mine.map(then)
    }

    /// Nobody may join any more; for how many it goes.
    fn goes(&self) -> u64 {
        let closed = self.with(|waiting| {
            waiting.has_gone = true;
            waiting.passengers
        });
        closed.unwrap_or(1).max(1)
    }
}

/// A call from when it waits until it is answered or all have left; then the next one goes.
struct Flight(Turn);

impl Drop for Flight {
    fn drop(&mut self) {
        let Turn {
            flights,
            key,
            number,
        } = &self.0;
        let mut shard = flights.shard(key);
        let Some(queue) = shard.get_mut(&**key) else {
            return;
        };
        let at = queue.iter().position(|waiting| waiting.number == *number);
        let ended = at.and_then(|at| queue.remove(at));
        // behind one that is under way nobody's turn has come
        let next = match at {
            Some(0) => queue.front_mut().and_then(|next| next.start.take()),
            Some(_) | None => None,
        };
        if queue.is_empty() {
            shard.remove(&**key);
        }
        drop(shard);
        // wakes, which is not for under the lock
        drop((ended, next));
    }
}

/// One of those who wait. Who leaves before the call has gone is not counted by it.
struct Seat {
    turn: Turn,
    has_landed: bool,
}

impl Seat {
    fn of(turn: Turn) -> Self {
        Self {
            turn,
            has_landed: false,
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if self.has_landed {
            return;
        }
        self.turn.with(|waiting| {
            if !waiting.has_gone {
                waiting.passengers -= 1;
            }
        });
    }
}

impl fmt::Debug for Flights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights").finish_non_exhaustive()
    }
}
