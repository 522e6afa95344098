//! What all services of one layer share.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use crate::cache::engine::Engine;
use crate::cache::flight::{Outcome, Permit};
use crate::cache::hold::{Direct, Hold};
use crate::cache::tie::Tie;
use crate::clock::Moment;

use super::cache_status::Name;
use super::empty::EmptyBodies;
use super::rfc9111::directives::RequestDirectives;
use super::rules::Rules;
use super::stored::{Head, Stored, Variants};

#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) engine: Engine<Direct<Variants>>,
    pub(crate) name: Name,
    pub(crate) rules: Rules,
    pub(crate) max_body: usize,
    pub(crate) empty: EmptyBodies,
}

impl Shared {
    /// The time that decides whether something stored is fresh.
    pub(crate) fn now(&self) -> Moment {
        self.engine.clock().coarse()
    }

    /// What of a request's directives is honoured.
    pub(crate) fn asked(&self, fields: &HeaderMap) -> RequestDirectives {
        self.rules.honoured(RequestDirectives::of(fields))
    }

    /// The length up to which the body of a response with this head is kept. `None` when there is no
    /// room for the head alone.
    pub(crate) fn body_limit(&self, key: &[u8], head: &Head) -> Option<usize> {
        let room = room(&self.engine, key).checked_sub(head.weight())?;
        Some(room.min(self.max_body))
    }
}

/// Bytes of responses that one entry can have.
fn room(engine: &Engine<Direct<Variants>>, key: &[u8]) -> usize {
    // what an engine adds for an entry, and a response for its length, its age and its status
    const UPKEEP: usize = 640;
    let heaviest = usize::try_from(engine.near().heaviest()).unwrap_or(usize::MAX);
    heaviest.saturating_sub(key.len().saturating_add(UPKEEP))
}

/// Stores a response beside those that other requests for the URI select, and hands it to those who
/// wait for it.
pub(crate) fn store(
    engine: &Engine<Direct<Variants>>,
    permit: Permit<Direct<Variants>>,
    stored: Arc<Stored>,
    request: &HeaderMap,
) {
    let now = engine.clock().coarse();
    let room = room(engine, permit.key());
    fill(engine, permit, now, Variants::one(stored), |new, old| {
        new.before(old, request, now, room)
    });
}

/// Sends on those who wait for a response that is not for them. If there are any, requests for the
/// URI do not wait for each other for a while: they would each wait for one after the other.
pub(crate) fn keep_apart(engine: &Engine<Direct<Variants>>, mut permit: Permit<Direct<Variants>>) {
    let waiters = permit.dismiss();
    if waiters.any() {
        let now = engine.clock().coarse();
        fill(engine, permit, now, Variants::apart(now), Variants::beside);
    }
    waiters.tell(Outcome::Failed(Arc::new(NotShared::Personal)));
}

/// What waiters find when a response is not for them. They go to the origin, all at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotShared {
    /// It is for the one who asked.
    Personal,
    /// The origin says that it has failed. Those who may be answered with something stale are.
    OriginFailed,
}

/// How an origin fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It cannot be reached.
    Disconnected,
    /// It says so.
    Status,
}

fn fill(
    engine: &Engine<Direct<Variants>>,
    permit: Permit<Direct<Variants>>,
    now: Moment,
    new: Variants,
    merge: impl FnOnce(&Variants, &Variants) -> Variants,
) {
    let (key, premises) = (permit.key().to_vec(), permit.premises().clone());
    let make = |value: Variants| {
        let lived = (value.useful_for(now), Duration::ZERO);
        engine.entry(
            &key,
            Direct::hold(Arc::new(value)),
            lived,
            &premises,
            Tie::default(),
        )
    };
    engine.fill_with(permit, &make(new), |entry, current| {
        make(merge(entry.value.value(), current.value.value()))
    });
}
