//! The load that others wait for.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::cache::lineage::Node;
use crate::cache::premises::{Epoch, Premises};
use crate::clock::Moment;
use crate::sync::here;

use super::outcome::{Follower, Tell, Waiters};

/// How old a flight may be that is joined while nobody knows what others do: as much as the feed may be behind.
const UNHEARD: Duration = Duration::from_secs(2);

/// What a load rests on, and when it began.
#[derive(Debug, Clone)]
pub(super) struct Basis {
    pub(super) premises: Premises,
    pub(super) began: Moment,
}

impl Basis {
    /// Whether a caller who rests on `premises` may have what the load brings: nothing that concerns it has happened
    /// since it began, or may have without being heard of.
    pub(super) fn suits(&self, premises: &Premises, present: Present) -> bool {
        self.premises.hold(present.epoch)
            && !self.premises.may_be_outdated(premises.stamp)
            && self.premises.feed == premises.feed
            && (present.hears || present.at.since(self.began) < UNHEARD)
    }
}

/// The load that others wait for, as they see it. What they need and it does not is made when the
/// first of them comes.
#[derive(Debug)]
pub(super) struct Leader<V> {
    pub(super) number: NonZeroU64,
    /// On which thread it began.
    from: usize,
    pub(super) basis: Basis,
    node: Option<Arc<Node>>,
    tell: Option<Tell<V>>,
}

/// The present, for a caller that would join a flight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Present {
    pub(crate) epoch: Epoch,
    pub(crate) at: Moment,
    /// Whether everything that others do is heard of.
    pub(crate) hears: bool,
    /// Whether its thread does nothing else while it waits.
    pub(crate) blocks: bool,
}

impl<V> Leader<V> {
    pub(super) fn new(number: NonZeroU64, basis: Basis) -> Self {
        Self {
            number,
            from: here(),
            basis,
            node: None,
            tell: None,
        }
    }

    /// Its place among the loads that may need each other: the same for those who wait for it and for
    /// the load itself, whoever of them asks first.
    pub(super) fn node(&mut self) -> &Arc<Node> {
        self.node.get_or_insert_default()
    }

    /// `None` when the caller is itself what this load waits for, or may be: a load that began on the thread which
    /// the caller is about to hold up may need that thread to go on.
    pub(super) fn follow(&mut self, present: Present) -> Option<Follower<V>> {
        if present.blocks && self.from == here() {
            return None;
        }
        let waiting = self.node().wait()?;
        let tell = self.tell.get_or_insert_with(|| watch::Sender::new(None));
        Some(Follower {
            outcome: tell.subscribe(),
            waiting,
        })
    }

    /// Whether anybody waits for it now.
    #[cfg(feature = "http-cache")]
    pub(super) fn is_awaited(&self) -> bool {
        let tell = self.tell.as_ref();
        tell.is_some_and(|tell| tell.receiver_count() > 0)
    }

    /// Whether anybody has ever waited for it.
    pub(super) fn is_followed(&self) -> bool {
        self.tell.is_some()
    }

    pub(super) fn into_waiters(self) -> Waiters<V> {
        Waiters(self.tell)
    }
}
