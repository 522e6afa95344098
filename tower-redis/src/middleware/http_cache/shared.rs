//! What all services of one layer share.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use http::{HeaderMap, StatusCode};

use crate::cache::engine::Engine;
use crate::cache::far::{Brought, Flight};
use crate::cache::flight::{Fills as _, Outcome};
use crate::cache::hold::Hold;
use crate::cache::terms::{Call, Merging};
use crate::clock::Moment;
use crate::key::KeyWriter;
use crate::store::LONGEST;

use super::allowance::Allowance;
use super::cache_status::{CacheStatus, Name};
use super::empty::EmptyBodies;
use super::kept::Kept;
use super::key::Target;
use super::rfc9111::directives::RequestDirectives;
use super::rfc9111::validation::supersedes;
use super::rfc9111::verdict::Reason;
use super::right::Right;
use super::rules::Rules;
use super::stored::{Head, Stored};
use super::variants::{Variants, room};

#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) engine: Engine<Kept>,
    pub(crate) name: Name,
    pub(crate) rules: Rules,
    pub(crate) max_body: usize,
    pub(crate) allowance: Allowance,
    pub(crate) empty: EmptyBodies,
}

impl Shared {
    /// The time that decides whether something stored is fresh.
    pub(crate) fn now(&self) -> Moment {
        self.engine.clock().coarse()
    }

    /// What is kept for `key`, fresh or not. What was purged softly is stale, whatever it says itself.
    pub(crate) fn kept(&self, key: &[u8], now: Moment) -> Option<Kept> {
        let (kept, is_fresh) = self.engine.find_kept(key)?;
        if is_fresh {
            return Some(kept);
        }
        let ended = kept.value().ended(now);
        (!ended.is_empty()).then(|| Kept::hold(Arc::new(ended)))
    }

    /// What the engine is told of a request for `target`.
    pub(crate) fn call(&self, target: &Target<'_>) -> Call {
        let parts = &self.rules.key;
        let tags = if parts.has_more() {
            vec![self.url_tag(&target.url_key(parts)).into()]
        } else {
            Vec::new()
        };
        Call {
            tags,
            ..Call::default()
        }
    }

    /// The tag of all that is kept for a URL, where more than that is in a key.
    pub(crate) fn url_tag(&self, url_key: &KeyWriter) -> String {
        let url = String::from_utf8_lossy(url_key.as_bytes());
        format!("http-url {} {url}", self.engine.name())
    }

    /// Makes the fields of the origin's answer those of ours.
    pub(crate) fn finish(&self, status: &CacheStatus, fields: &mut HeaderMap) {
        self.rules.tags.hide(fields);
        status.append(&self.name, fields);
    }

    /// What of a request's directives is honoured.
    pub(crate) fn asked(&self, fields: &HeaderMap) -> RequestDirectives {
        self.rules.honoured(RequestDirectives::of(fields))
    }

    /// The length up to which the body of a response with this head is kept. `None` when there is no
    /// room for the head alone.
    pub(crate) fn body_limit(&self, key: &[u8], head: &Head) -> Option<usize> {
        let room = room(merging(&self.engine, key)).checked_sub(head.weight())?;
        Some(room.min(self.max_body))
    }
}

fn merging(engine: &Engine<Kept>, key: &[u8]) -> Merging {
    Merging {
        now: engine.clock().coarse(),
        heaviest: engine.near().heaviest(),
        key: key.len(),
    }
}

/// Stores a response beside those that other requests for the URI select, and hands it to those who
/// wait for it. Where it goes to Redis too, that is before it is stored here, in a task.
pub(crate) fn store(engine: &Engine<Kept>, right: Right, stored: Arc<Stored>, request: &HeaderMap) {
    store_all(engine, right, vec![stored], request);
}

/// The same of several parts of one response.
pub(crate) fn store_all(
    engine: &Engine<Kept>,
    right: Right,
    stored: Vec<Arc<Stored>>,
    request: &HeaderMap,
) {
    let terms = merging(engine, right.key());
    let new = Arc::new(Variants::of(stored, request, terms.now));
    let flight = right.into_flight();
    // what is written has to be all there is; what comes here meanwhile is merged once more
    let all = match engine.find(flight.permit.key()) {
        Some(current) if flight.is_far() => Arc::new(new.with(current.value(), terms)),
        _ => new,
    };
    settle(engine, flight, all);
}

/// Removes what the request with these fields selects. Of what is in Redis too, all of the URL goes, in the other
/// processes as well.
pub(crate) fn drop_selected(engine: &Engine<Kept>, right: Right, request: &HeaderMap) {
    remove(engine, right, request, false);
}

/// The same, where requests for the URI may not wait for each other from now on.
fn remove(engine: &Engine<Kept>, right: Right, request: &HeaderMap, apart: bool) {
    let key = right.key().to_vec();
    let terms = merging(engine, &key);
    let none = Variants::none(request, apart, terms.now);
    let selects = |kept: &Kept| kept.value().selected(request).next().is_some();
    match engine.find_kept(&key).filter(|(kept, _)| selects(kept)) {
        None if apart => settle(engine, right.into_near(), Arc::new(none)),
        None => {}
        Some(_) if engine.is_shared() => {
            engine.drop_near(&key);
            let (tasks, engine) = (engine.tasks().clone(), engine.clone());
            // without a runtime this process is all that is told
            let _ = tasks.start(async move {
                engine.invalidate(&key).await;
                if apart {
                    // by a right that is younger than the removal
                    let flight = Flight::near(engine.permit(&key, engine.premises::<&str>(&[])));
                    let now = engine.clock().coarse();
                    settle(&engine, flight, Arc::new(Variants::apart(now)));
                }
            });
        }
        Some((kept, is_fresh)) => {
            // what was purged is not to be stored anew
            let rest = is_fresh.then(|| none.with(kept.value(), terms));
            match rest.filter(|rest| apart || !rest.is_empty()) {
                Some(rest) => settle(engine, right.into_near(), Arc::new(rest)),
                None => {
                    engine.drop_near(&key);
                }
            }
        }
    }
}

fn settle(engine: &Engine<Kept>, flight: Flight<Kept>, all: Arc<Variants>) {
    let tags = all.tags();
    let brought = Brought {
        ttl: all.useful_for(all.as_of()).min(LONGEST),
        value: Kept::hold(all),
        took: Duration::ZERO,
        tags,
    };
    let (engine, is_far) = (engine.clone(), flight.is_far());
    let tasks = engine.tasks().clone();
    let settling = async move {
        let key = flight.permit.key().to_vec();
        engine.settle(&key, flight, brought).await;
    };
    let here = if is_far {
        tasks.start(settling).err()
    } else {
        Some(settling)
    };
    // in this process it takes no time; without a runtime Redis is left out
    if let Some(settling) = here {
        settling.now_or_never();
    }
}

/// What an answer to `request` leaves that is not stored, for this `reason`: it may take the place of what is stored
/// all the same. Those who wait for it are sent on. If there are any, requests for the URI do not wait for each other
/// for a while: they would each wait for one after the other.
pub(crate) fn not_stored(
    engine: &Engine<Kept>,
    mut right: Right,
    request: &HeaderMap,
    status: StatusCode,
    reason: Reason,
) {
    if status == StatusCode::NOT_MODIFIED {
        // it answers a condition of the client's own, and one of those who wait asks for all
        return;
    }
    let waiters = right.dismiss();
    // when an origin is well again, they had better wait for one of them
    let apart = waiters.any() && !status.is_server_error();
    if is_superseded(status, reason) {
        remove(engine, right, request, apart);
    } else if apart {
        let now = engine.clock().coarse();
        settle(engine, right.into_near(), Arc::new(Variants::apart(now)));
    }
    waiters.tell(Outcome::Failed(Arc::new(NotShared::Personal)));
}

/// Whether what is stored goes with an answer that is not stored for this `reason`.
pub(crate) fn is_superseded(status: StatusCode, reason: Reason) -> bool {
    // one that has not come in full says nothing
    supersedes(status) && !reason.is_of_request() && reason != Reason::Incomplete
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
