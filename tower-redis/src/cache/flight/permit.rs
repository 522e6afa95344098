//! The right to fill.

use std::sync::{Arc, OnceLock};

use crate::cache::entry::Entry;
#[cfg(any(test, feature = "testing"))]
use crate::cache::fault::{CacheFault, pause};
use crate::cache::hold::Hold;
use crate::cache::lineage::Node;
use crate::cache::near::{Evicted, Near};
use crate::cache::premises::Premises;
use crate::clock::Moment;
use crate::key::Key;

#[cfg(feature = "http-cache")]
use super::coming::Coming;
use super::leader::Basis;
use super::name::Name;
use super::outcome::{Outcome, Waiters};
use super::seat::Seat;
use super::shard::Shard;
use super::table::Table;

/// The right to fill a key, held by one load.
///
/// Dropped without being settled, it leaves the table; waiters of a led flight elect another leader,
/// or are released when this one panicked.
#[derive(Debug)]
pub(crate) struct Permit<V: Hold> {
    table: Arc<Table<V>>,
    seat: Seat,
    premises: Premises,
    /// Made when the load begins: what is answered without one needs none.
    node: OnceLock<Arc<Node>>,
    /// What others may have while it is on its way. The one in the table is never the last: it is dropped
    /// under the lock of the key.
    #[cfg(feature = "http-cache")]
    coming: Option<V>,
}

/// Whether anybody waits for a load, for those who do not have its permit.
#[cfg(feature = "http-cache")]
#[derive(Debug)]
pub(crate) struct Awaited<V> {
    table: Arc<Table<V>>,
    seat: Seat,
}

#[cfg(feature = "http-cache")]
impl<V> Awaited<V> {
    /// Whether anybody waits for it now.
    pub(crate) fn is_so(&self) -> bool {
        let mut shard = self.table.shard(self.seat.name());
        let leader = shard.led_from(&self.seat);
        leader.is_some_and(|leader| leader.is_awaited())
    }
}

/// The right to fill a key.
pub(crate) trait Fills<V> {
    /// Whether it is of a load. Of one that is refused somebody is told.
    const LOADS: bool;

    /// What is to be filled in rests on this.
    fn premises(&self) -> &Premises;

    /// The key that may be filled.
    fn key(&self) -> &[u8];

    /// Stores `entry` if it `may` be and no invalidation came first. Answers what made room for it, if it was stored.
    fn fill(self, near: &Near<V>, entry: Entry<V>, may: bool) -> Option<Evicted<V>>;
}

impl<V: Hold> Fills<V> for Permit<V> {
    const LOADS: bool = true;

    fn premises(&self) -> &Premises {
        &self.premises
    }

    fn key(&self) -> &[u8] {
        self.seat.key.as_bytes()
    }

    /// Leaves the table, then tells the waiters.
    fn fill(mut self, near: &Near<V>, entry: Entry<V>, may: bool) -> Option<Evicted<V>> {
        let value = entry.value().clone();
        self.conclude(value, |key| may.then(|| near.insert(key.clone(), entry)))
    }
}

impl<V: Hold> Permit<V> {
    /// A permit for a load of `name`, written down in `shard`.
    pub(super) fn attach(
        table: &Arc<Table<V>>,
        shard: &mut Shard<V>,
        name: Name<'_>,
        premises: Premises,
    ) -> Self {
        let seat = shard.enter(name, None);
        Self::of(table, seat, premises)
    }

    /// [`attach`](Self::attach), for the load that others wait for.
    pub(super) fn lead(
        table: &Arc<Table<V>>,
        shard: &mut Shard<V>,
        name: Name<'_>,
        premises: Premises,
        at: Moment,
    ) -> Self {
        let basis = Basis {
            premises: premises.clone(),
            began: at,
        };
        let seat = shard.enter(name, Some(basis));
        Self::of(table, seat, premises)
    }

    fn of(table: &Arc<Table<V>>, seat: Seat, premises: Premises) -> Self {
        Self {
            table: Arc::clone(table),
            seat,
            premises,
            node: OnceLock::new(),
            #[cfg(feature = "http-cache")]
            coming: None,
        }
    }

    /// The load this permit belongs to, for those it will wait for.
    pub(crate) fn node(&self) -> &Arc<Node> {
        self.node.get_or_init(|| {
            let mut shard = self.table.shard(self.seat.name());
            match shard.led_from(&self.seat) {
                Some(leader) => Arc::clone(leader.node()),
                // nobody waits for it, and nobody will
                None => Arc::default(),
            }
        })
    }

    #[cfg(feature = "http-cache")]
    /// Ends the flight and keeps the right to fill: the load has turned out to bring nothing that
    /// those who wait could use.
    pub(crate) fn dismiss(&mut self) -> Waiters<V> {
        let mut shard = self.table.shard(self.seat.name());
        shard.land(&mut self.seat)
    }

    #[cfg(feature = "http-cache")]
    /// Ends the flight, tells those who wait what it is bringing, and lets those have it who come later, until the
    /// permit is settled or an invalidation comes. `sent` is when the load began.
    pub(crate) fn announce(&mut self, value: &V, sent: Moment) {
        self.coming = Some(value.clone());
        let node = Arc::clone(self.node());
        let basis = Basis {
            premises: self.premises.clone(),
            began: sent,
        };
        let mut shard = self.table.shard(self.seat.name());
        let waiters = shard.announce(&mut self.seat, |number| Coming {
            number,
            basis,
            node,
            value: value.clone(),
        });
        drop(shard);
        waiters.tell(Outcome::Value(value.clone()));
    }

    #[cfg(feature = "http-cache")]
    /// Whether anybody waits for this load.
    pub(crate) fn awaited(&self) -> Awaited<V> {
        Awaited {
            table: Arc::clone(&self.table),
            seat: self.seat.as_seen(),
        }
    }

    /// Forbids the other loads of the key that are under way to fill: what this one brings is newer. Where an
    /// invalidation came before, it may not fill either.
    pub(crate) fn outdo(&mut self) {
        #[cfg(any(test, feature = "testing"))]
        if CacheFault::OlderLoadsFill.is_committed() {
            return;
        }
        let mut shard = self.table.shard(self.seat.name());
        shard.outdo(&mut self.seat);
    }

    /// Whether no invalidation of the key has come since the load began.
    pub(crate) fn is_good(&self) -> bool {
        let shard = self.table.shard(self.seat.name());
        shard.allows(&self.seat)
    }

    /// Runs `f` before anything can happen to the key, if no invalidation of it has come since the load began.
    pub(crate) fn while_good<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        let shard = self.table.shard(self.seat.name());
        shard.allows(&self.seat).then(f)
    }

    /// Stores `entry` if no invalidation came first, and goes on.
    pub(crate) fn place(&self, near: &Near<V>, entry: &Entry<V>) -> Option<Evicted<V>> {
        let shard = self.table.shard(self.seat.name());
        let allowed = shard.allows(&self.seat);
        allowed.then(|| near.insert(self.seat.key.clone(), entry.clone()))
    }

    #[cfg(feature = "http-cache")]
    /// [`fill`](Self::fill) with what `make` gives; it sees what is there now.
    ///
    /// `make` runs under the lock of the key: it is ours, never the user's.
    pub(crate) fn fill_with(
        mut self,
        near: &Near<V>,
        value: V,
        make: impl FnOnce(Option<Entry<V>>) -> Option<Entry<V>>,
    ) -> Option<Evicted<V>> {
        // another key's fill may push it out meanwhile; the last to drop it must not be in there
        let mut kept_alive = None;
        self.conclude(value, |key| {
            let current = near.peek(key.as_bytes());
            kept_alive.clone_from(&current);
            make(current).map(|entry| near.insert(key.clone(), entry))
        })
    }

    /// `store` runs under the lock of the key.
    fn conclude(
        &mut self,
        value: V,
        store: impl FnOnce(&Key) -> Option<Evicted<V>>,
    ) -> Option<Evicted<V>> {
        let mut shard = self.table.shard(self.seat.name());
        let allowed = shard.allows(&self.seat);
        let evicted = if allowed { store(&self.seat.key) } else { None };
        let waiters = shard.leave(&mut self.seat);
        drop(shard);
        waiters.tell(Outcome::Value(value));
        evicted
    }

    /// What is wrong with a flight that ends before its fill.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) async fn end_early(&self) {
        if !CacheFault::FlightEndsEarly.is_committed() {
            return;
        }
        self.table.shard(self.seat.name()).part(&self.seat);
        pause().await;
    }

    /// Leaves the table without storing anything. Nobody can join the flight from here on.
    pub(crate) fn settle(mut self) -> Waiters<V> {
        let mut shard = self.table.shard(self.seat.name());
        shard.leave(&mut self.seat)
    }
}

impl<V: Hold> Drop for Permit<V> {
    fn drop(&mut self) {
        if self.seat.is_left() {
            return;
        }
        let mut shard = self.table.shard(self.seat.name());
        let waiters = shard.leave(&mut self.seat);
        drop(shard);
        #[cfg(any(test, feature = "testing"))]
        if CacheFault::LostLeader.is_committed() {
            // never dropped, so that nobody is told
            Box::leak(Box::new(waiters));
            return;
        }
        if std::thread::panicking() {
            waiters.tell(Outcome::released());
        }
    }
}
