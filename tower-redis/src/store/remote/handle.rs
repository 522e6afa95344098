//! What every call needs.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::error::Error;
use crate::store::ears::Ears;
use crate::store::entry::Place;
use crate::store::message::Told;
use crate::store::names::Names;
use crate::store::redis::Replies;
use crate::store::watch::Watch;
use crate::wire::{Interest, Lane, Listening, Op, Wire};

/// A store in the Redis behind a wire, and what tells its watch. It listens from the first call on.
pub(crate) struct RedisStore {
    pub(super) wire: Wire,
    pub(super) names: Names,
    pub(super) watch: Arc<Watch>,
    listening: OnceLock<Listening>,
}

impl RedisStore {
    pub(in crate::store) fn new(wire: Wire, names: Names, watch: Arc<Watch>) -> Self {
        Self {
            wire,
            names,
            watch,
            listening: OnceLock::new(),
        }
    }

    /// Listens from now on, if it does not yet.
    pub(in crate::store) fn listen(&self) {
        self.listening.get_or_init(|| {
            let channels = self.watch.channels().map(|channel| channel.to_vec());
            let ears = Arc::new(Ears(Arc::clone(&self.watch)));
            self.wire.listen(Interest::Channels(channels.into()), ears)
        });
    }

    pub(super) async fn one(&self, lane: Lane, op: Op) -> Result<Replies, Error> {
        self.listen();
        Replies::one(&self.wire, lane, op).await
    }

    pub(super) async fn batch(&self, lane: Lane, ops: Vec<Op>) -> Result<Replies, Error> {
        self.listen();
        Replies::batch(&self.wire, lane, ops).await
    }

    pub(super) fn tell_of(&self, places: &[Place]) -> Op {
        let keys = places.iter().map(|place| place.key.clone()).collect();
        self.tell(&Told::Keys(keys))
    }

    /// Wakes those who wait for `at`.
    pub(super) fn tell_settled(&self, at: &Place) -> Op {
        self.tell(&Told::Settled(vec![at.key.clone()]))
    }

    pub(super) fn tell(&self, told: &Told) -> Op {
        self.names.tell(self.watch.instance(), told)
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}
