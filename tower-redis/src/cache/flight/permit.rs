//! The right to fill.

use std::sync::Arc;

use tokio::sync::watch;

use crate::cache::entry::{Premises, Shared};
#[cfg(any(test, feature = "testing"))]
use crate::cache::fault::{CacheFault, pause};
use crate::cache::lineage::Node;
use crate::cache::near::{Evicted, Near};
use crate::clock::Moment;
use crate::key::Key;

use super::outcome::{Outcome, Tell, Waiters};
use super::table::{Fence, Leader, Record, Shard, Table, shatter};

/// The right to fill a key, held by one load.
///
/// Dropped without being settled, it leaves the table; waiters of a led flight elect another leader,
/// or are released when this one panicked.
#[derive(Debug)]
pub(crate) struct Permit<V: Send + Sync + 'static> {
    table: Arc<Table<V>>,
    key: Key,
    fence: Fence,
    premises: Premises,
    node: Arc<Node>,
    tell: Option<Tell<V>>,
}

impl<V: Send + Sync + 'static> Permit<V> {
    /// A permit for a load of `key`, written down in `shard`.
    pub(super) fn attach(
        table: &Arc<Table<V>>,
        shard: &mut Shard<V>,
        key: &[u8],
        premises: Premises,
    ) -> Self {
        let (key, fence) = match shard.get_key_value_mut(key) {
            Some((key, record)) => {
                record.permits += 1;
                (key.clone(), record.fence.clone())
            }
            None => {
                let (key, fence) = (Key::from(key), Fence::default());
                let record = Record {
                    fence: fence.clone(),
                    leader: None,
                    permits: 1,
                };
                shard.insert(key.clone(), record);
                (key, fence)
            }
        };
        Self {
            table: Arc::clone(table),
            key,
            fence,
            premises,
            node: Arc::default(),
            tell: None,
        }
    }

    /// Makes this load the one that others wait for.
    pub(super) fn lead(&mut self, shard: &mut Shard<V>, at: Moment) {
        let Some(record) = shard.get_mut(self.key.as_bytes()) else {
            return;
        };
        let (tell, outcome) = watch::channel(None);
        record.leader = Some(Leader {
            node: Arc::clone(&self.node),
            premises: self.premises.clone(),
            began: at,
            outcome,
        });
        self.tell = Some(tell);
    }

    /// The load this permit belongs to, for those it will wait for.
    pub(crate) fn node(&self) -> &Arc<Node> {
        &self.node
    }

    #[cfg(feature = "http-cache")]
    /// The key that may be filled.
    pub(crate) fn key(&self) -> &[u8] {
        self.key.as_bytes()
    }

    #[cfg(feature = "http-cache")]
    /// Ends the flight and keeps the right to fill: the load has turned out to bring nothing that
    /// those who wait could use.
    pub(crate) fn dismiss(&mut self) -> Waiters<V> {
        let mut shard = self.table.shard(self.key.as_bytes());
        let broken = self.fence.is_broken();
        if self.tell.is_some()
            && !broken
            && let Some(record) = shard.get_mut(self.key.as_bytes())
        {
            record.leader = None;
        }
        drop(shard);
        Waiters(self.tell.take())
    }

    /// Forbids the other loads of the key that are under way to fill: what this one brings is newer. Where an
    /// invalidation came before, it may not fill either.
    pub(crate) fn outdo(&mut self) {
        let table = Arc::clone(&self.table);
        let mut shard = table.shard(self.key.as_bytes());
        let was_broken = self.fence.is_broken();
        shatter(&mut shard, self.key.as_bytes());
        if !was_broken {
            self.fence = Fence::default();
            let record = Record {
                fence: self.fence.clone(),
                leader: None,
                permits: 1,
            };
            shard.insert(self.key.clone(), record);
        }
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
        let table = Arc::clone(&self.table);
        let mut shard = table.shard(self.key.as_bytes());
        let allowed = !self.fence.is_broken();
        let current = near.peek(self.key.as_bytes());
        // another key's fill may push it out meanwhile; the last to drop it must not be in here
        let kept_alive = current.clone();
        let made = allowed.then(|| make(&value, current)).flatten();
        let stored = made.is_some();
        let evicted: Option<Evicted<V>> = made.map(|entry| near.insert(self.key.clone(), entry));
        let waiters = self.leave(&mut shard);
        drop(shard);
        drop((evicted, kept_alive));
        waiters.tell(Outcome::Value(value));
        stored
    }

    /// What is wrong with a flight that ends before its fill.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) async fn end_early(&self) {
        if !CacheFault::FlightEndsEarly.is_committed() {
            return;
        }
        if let Some(record) = self
            .table
            .shard(self.key.as_bytes())
            .get_mut(self.key.as_bytes())
        {
            record.leader = None;
        }
        pause().await;
    }

    /// Leaves the table without storing anything. Nobody can join the flight from here on.
    pub(crate) fn settle(self) -> Waiters<V> {
        let table = Arc::clone(&self.table);
        let mut shard = table.shard(self.key.as_bytes());
        self.leave(&mut shard)
    }

    fn leave(mut self, shard: &mut Shard<V>) -> Waiters<V> {
        self.detach(shard);
        // Taking the sender marks the permit as settled for `drop`
        Waiters(self.tell.take())
    }

    fn detach(&mut self, shard: &mut Shard<V>) {
        if self.fence.is_broken() {
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
        self.fence = Fence::default();
        self.fence.shatter();
    }
}

impl<V: Send + Sync + 'static> Drop for Permit<V> {
    fn drop(&mut self) {
        if self.fence.is_broken() && self.tell.is_none() {
            return;
        }
        #[cfg(any(test, feature = "testing"))]
        if CacheFault::LostLeader.is_committed() {
            // never dropped, so that nobody is told
            Box::leak(Box::new(self.tell.take()));
        }
        let table = Arc::clone(&self.table);
        self.detach(&mut table.shard(self.key.as_bytes()));
        if std::thread::panicking() {
            Waiters(self.tell.take()).tell(Outcome::released());
        }
    }
}
