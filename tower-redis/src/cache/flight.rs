//! Loads under way: one leader per key, the others wait, and an invalidation beats them all.
//!
//! Every load, led or not, holds a [`Permit`] and with it the right to fill. The table keeps one
//! record per key that is being loaded. Breaking a record takes it out of the table: whoever comes
//! later does not see it, and its permits may no longer fill. Filling and breaking exclude each other
//! (both hold the key's shard), so a fill lands entirely before an invalidation, which then removes
//! it, or is refused.
//!
//! What waiters find ([`Outcome`]) is told through a watch channel whose sender dies with the leader:
//! a leader that is dropped half-way wakes them, and the first to come back leads the next flight.
//! A leader that *panicked* would probably panic again, and one waiter after the other with it; they
//! are released together instead, a few at a time.

use std::any::Any;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::HashMap;
use tokio::sync::{Semaphore, watch};

use crate::key::Key;

use super::entry::{Epoch, Premises, Shared};
use super::lineage::{Node, Waiting};
use super::near::{Evicted, Near};

const SHARDS: usize = 64;

/// How many waiters run their own loads at once after a leader brought nothing they could share.
const RELEASED_AT_ONCE: usize = 4;

type Build = foldhash::fast::RandomState;
type Shard<V> = HashMap<Key, Record<V>, Build>;

/// All loads of one cache.
#[derive(Debug)]
pub(crate) struct Flights<V> {
    shards: Box<[Mutex<Shard<V>>]>,
    hasher: Build,
}

#[derive(Debug)]
struct Record<V> {
    fence: Arc<Fence>,
    leader: Option<Leader<V>>,
    permits: usize,
}

// Broken only under the shard's lock; an atomic so that permits can share it without another lock.
#[derive(Debug, Default)]
struct Fence(AtomicBool);

#[derive(Debug)]
struct Leader<V> {
    node: Arc<Node>,
    premises: Premises,
    outcome: watch::Receiver<Option<Outcome<V>>>,
}

/// What a flight brought its waiters.
#[derive(Debug)]
pub(crate) enum Outcome<V> {
    /// A value; whether it could be kept is not their concern.
    Value(Shared<V>),
    /// An error or another answer that is not kept, in a form the waiters may know how to read.
    Failed(Arc<dyn Any + Send + Sync>),
    /// Nothing that can be shared. Run your own load, as far as the semaphore lets you.
    Released(Arc<Semaphore>),
}

impl<V> Clone for Outcome<V> {
    fn clone(&self) -> Self {
        match self {
            Self::Value(value) => Self::Value(Arc::clone(value)),
            Self::Failed(error) => Self::Failed(Arc::clone(error)),
            Self::Released(gate) => Self::Released(Arc::clone(gate)),
        }
    }
}

impl<V> Outcome<V> {
    pub(crate) fn released() -> Self {
        Self::Released(Arc::new(Semaphore::new(RELEASED_AT_ONCE)))
    }
}

/// What joining the flight of a key turned out to be.
#[derive(Debug)]
pub(crate) enum Turn<V: Send + Sync + 'static> {
    /// A usable entry is there after all.
    Hit(Shared<V>),
    /// Load, then settle the permit; others are waiting for it.
    Lead(Permit<V>),
    /// Load alone: the flight there waits for the caller.
    Alone(Permit<V>),
    /// Another call is loading.
    Follow(Follower<V>),
}

impl<V: Send + Sync + 'static> Flights<V> {
    pub(crate) fn new() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: Build::default(),
        }
    }

    fn shard(&self, key: &[u8]) -> MutexGuard<'_, Shard<V>> {
        let at = self.hasher.hash_one(key) as usize % SHARDS;
        lock(&self.shards[at])
    }

    /// The caller found nothing usable for `key`: joins its flight or opens one.
    ///
    /// `recheck` looks into the near tier once more, under the lock that fills hold, so that a caller
    /// who missed just before a fill does not load again.
    pub(crate) fn join(
        self: &Arc<Self>,
        key: &[u8],
        premises: Premises,
        now: Epoch,
        recheck: impl FnOnce() -> Option<Shared<V>>,
    ) -> Turn<V> {
        let mut shard = self.shard(key);
        let leader = shard.get(key).and_then(|record| record.leader.as_ref());
        if let Some(leader) = leader {
            if leader.premises.hold(now) {
                return match leader.follow() {
                    Some(follower) => Turn::Follow(follower),
                    None => Turn::Alone(self.attach(&mut shard, key, premises)),
                };
            }
            // Begun before an invalidation that concerns it: that flight goes on for its own callers,
            // and may not fill over what this one will bring.
            break_record(&mut shard, key);
        } else if let Some(entry) = recheck() {
            return Turn::Hit(entry);
        }
        let mut permit = self.attach(&mut shard, key, premises);
        permit.lead(&mut shard);
        Turn::Lead(permit)
    }

    /// A permit for a load that is not led: it may fill unless an invalidation comes first.
    pub(crate) fn permit(self: &Arc<Self>, key: &[u8], premises: Premises) -> Permit<V> {
        let mut shard = self.shard(key);
        self.attach(&mut shard, key, premises)
    }

    fn attach(self: &Arc<Self>, shard: &mut Shard<V>, key: &[u8], premises: Premises) -> Permit<V> {
        let (key, fence) = match shard.get_key_value_mut(key) {
            Some((key, record)) => {
                record.permits += 1;
                (key.clone(), Arc::clone(&record.fence))
            }
            None => {
                let (key, fence) = (Key::from(key), Arc::<Fence>::default());
                let record = Record {
                    fence: Arc::clone(&fence),
                    leader: None,
                    permits: 1,
                };
                shard.insert(key.clone(), record);
                (key, fence)
            }
        };
        Permit {
            flights: Arc::clone(self),
            key,
            fence,
            premises,
            node: Arc::default(),
            tell: None,
        }
    }

    /// Forbids every load of `key` that is under way to fill, and runs `change` before anything else
    /// can happen to the key.
    pub(crate) fn exclude<R>(&self, key: &[u8], change: impl FnOnce() -> R) -> R {
        let mut shard = self.shard(key);
        break_record(&mut shard, key);
        change()
    }

    /// Forbids every load of a key that starts with `prefix` to fill.
    pub(crate) fn exclude_prefix(&self, prefix: &[u8]) {
        for shard in &self.shards {
            let mut shard = lock(shard);
            shard.retain(|key, record| {
                let matches = key.as_bytes().starts_with(prefix);
                if matches {
                    record.break_fence();
                }
                !matches
            });
        }
    }

    /// Keys being loaded right now.
    pub(crate) fn under_way(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn break_record<V>(shard: &mut Shard<V>, key: &[u8]) {
    if let Some(record) = shard.remove(key) {
        record.break_fence();
    }
}

impl<V> Record<V> {
    fn break_fence(&self) {
        self.fence.0.store(true, Ordering::Relaxed);
    }
}

impl<V> Leader<V> {
    fn follow(&self) -> Option<Follower<V>> {
        Some(Follower {
            _waiting: self.node.wait()?,
            outcome: self.outcome.clone(),
        })
    }
}

/// The right to fill a key, held by one load.
///
/// Dropped without being settled, it leaves the table; waiters of a led flight elect another leader,
/// or are released when this one panicked.
#[derive(Debug)]
pub(crate) struct Permit<V: Send + Sync + 'static> {
    flights: Arc<Flights<V>>,
    key: Key,
    fence: Arc<Fence>,
    premises: Premises,
    node: Arc<Node>,
    tell: Option<watch::Sender<Option<Outcome<V>>>>,
}

impl<V: Send + Sync + 'static> Permit<V> {
    fn lead(&mut self, shard: &mut Shard<V>) {
        let Some(record) = shard.get_mut(self.key.as_bytes()) else {
            return;
        };
        let (tell, outcome) = watch::channel(None);
        record.leader = Some(Leader {
            node: Arc::clone(&self.node),
            premises: self.premises.clone(),
            outcome,
        });
        self.tell = Some(tell);
    }

    /// The load this permit belongs to, for those it will wait for.
    pub(crate) fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// The key that may be filled.
    pub(crate) fn key(&self) -> &[u8] {
        self.key.as_bytes()
    }

    /// Ends the flight and keeps the right to fill: the load has turned out to bring nothing that
    /// those who wait could use.
    pub(crate) fn dismiss(&mut self) -> Waiters<V> {
        let mut shard = self.flights.shard(self.key.as_bytes());
        let broken = self.fence.0.load(Ordering::Relaxed);
        if self.tell.is_some()
            && !broken
            && let Some(record) = shard.get_mut(self.key.as_bytes())
        {
            record.leader = None;
        }
        drop(shard);
        Waiters(self.tell.take())
    }

    /// What the load rests on.
    pub(crate) fn premises(&self) -> &Premises {
        &self.premises
    }

    /// Stores what `make` gives, unless an invalidation came first; `make` sees what is there now.
    /// Leaves the table, then tells the waiters. Answers whether it was stored.
    ///
    /// `make` and `keep` run under the lock of the key: they are ours, never the user's.
    pub(crate) fn fill(
        self,
        near: &Near<V>,
        value: Shared<V>,
        make: impl FnOnce(&Shared<V>, Option<Shared<V>>) -> Option<Shared<V>>,
    ) -> bool {
        let flights = Arc::clone(&self.flights);
        let mut shard = flights.shard(self.key.as_bytes());
        let allowed = !self.fence.0.load(Ordering::Relaxed);
        let current = near.peek(self.key.as_bytes());
        let made = allowed.then(|| make(&value, current)).flatten();
        let stored = made.is_some();
        let evicted: Option<Evicted<V>> = made.map(|entry| near.insert(self.key.clone(), entry));
        let waiters = self.leave(&mut shard);
        drop(shard);
        drop(evicted);
        waiters.tell(Outcome::Value(value));
        stored
    }

    /// Leaves the table without storing anything. Nobody can join the flight from here on.
    pub(crate) fn settle(self) -> Waiters<V> {
        let flights = Arc::clone(&self.flights);
        let mut shard = flights.shard(self.key.as_bytes());
        self.leave(&mut shard)
    }

    fn leave(mut self, shard: &mut Shard<V>) -> Waiters<V> {
        self.detach(shard);
        // Taking the sender marks the permit as settled for `drop`
        Waiters(self.tell.take())
    }

    fn detach(&mut self, shard: &mut Shard<V>) {
        if self.fence.0.load(Ordering::Relaxed) {
            return;
        }
        let Some(record) = shard.get_mut(self.key.as_bytes()) else {
            return;
        };
        if self.tell.is_some() {
            record.leader = None;
        }
        record.permits -= 1;
        if record.permits == 0 {
            shard.remove(self.key.as_bytes());
        }
        // from here on the record is none of this permit's business
        self.fence = Arc::new(Fence(AtomicBool::new(true)));
    }
}

impl<V: Send + Sync + 'static> Drop for Permit<V> {
    fn drop(&mut self) {
        if self.fence.0.load(Ordering::Relaxed) && self.tell.is_none() {
            return;
        }
        let flights = Arc::clone(&self.flights);
        self.detach(&mut flights.shard(self.key.as_bytes()));
        if std::thread::panicking() {
            Waiters(self.tell.take()).tell(Outcome::released());
        }
    }
}

/// Those who wait for a flight that has left the table.
#[must_use = "waiters that are told nothing elect another leader"]
#[derive(Debug)]
pub(crate) struct Waiters<V>(Option<watch::Sender<Option<Outcome<V>>>>);

impl<V> Waiters<V> {
    pub(crate) fn any(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|tell| tell.receiver_count() > 0)
    }

    pub(crate) fn tell(self, outcome: Outcome<V>) {
        if let Some(tell) = self.0 {
            tell.send_replace(Some(outcome));
        }
    }
}

/// Waits for the flight of another call. Dropping it harms nobody.
#[derive(Debug)]
pub(crate) struct Follower<V> {
    outcome: watch::Receiver<Option<Outcome<V>>>,
    _waiting: Waiting,
}

impl<V> Follower<V> {
    /// What the leader brought; `None` when it was dropped and somebody has to take over.
    pub(crate) async fn outcome(mut self) -> Option<Outcome<V>> {
        let told = self.outcome.wait_for(Option::is_some).await.ok()?;
        told.clone()
    }
}
