//! A store that forgets no invalidation.
//!
//! One that could not be told, or whose fate is unknown, is *owed*: it is done before this process reads what it
//! concerns, so that it never reads what it has invalidated. Those of the last seconds are owed again
//! whenever the feed was lost, since a server that took over, or came back, may not know of them.
//!
//! They are done as removals, even where it was a `put` that failed: which value would be the newest,
//! nobody knows any more. So are those that were to make something stale, as a removal does that and more.

use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use crate::clock::{Clock, Moment};
use crate::error::Error;

use super::background::{Apart, Attempt, Spawn};
use super::contract::Store;
use super::debts::{Debt, Debts};
use super::entry::Place;
use super::hears::Tends;
use super::names::Names;
use super::watch::Watch;

/// For how long an invalidation that was done may still get lost.
const DOUBTFUL: Duration = Duration::from_secs(10);

/// Any store, and what it has to be told.
pub(crate) struct Remembering {
    pub(super) inner: Arc<dyn Store>,
    pub(super) watch: Arc<Watch>,
    pub(super) names: Names,
    pub(super) clock: Clock,
    pub(super) spawn: Spawn,
    pub(super) apart: Apart,
    pub(super) itself: Weak<Self>,
    /// Whether anything is owed: asked before every read.
    pub(super) owes: AtomicBool,
    books: Mutex<Books>,
    was_connected: AtomicBool,
    /// Attempts under way.
    pub(super) telling: Attempt,
    pub(super) sweeping: Attempt,
    /// Lives as long as this does.
    _alongside: Arc<dyn Tends>,
}

#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) owed: Debts,
    done: Debts,
    /// Up to which number it was tried, by telling and by sweeping.
    pub(super) told: u64,
    pub(super) swept: u64,
    /// Whether anybody answered the last telling.
    pub(super) answered: bool,
    /// When something was refused last, since the feed was connected.
    pub(super) refused: Option<Moment>,
}

impl Remembering {
    pub(super) fn over(
        inner: Arc<dyn Store>,
        watch: Arc<Watch>,
        names: Names,
        clock: Clock,
        (spawn, apart): (Spawn, Apart),
        alongside: Arc<dyn Tends>,
    ) -> Arc<Self> {
        let store = Arc::new_cyclic(|itself: &Weak<Self>| Self {
            inner,
            watch,
            names,
            clock,
            spawn,
            apart,
            itself: itself.clone(),
            owes: AtomicBool::new(false),
            books: Mutex::default(),
            was_connected: AtomicBool::new(false),
            telling: Attempt::default(),
            sweeping: Attempt::default(),
            _alongside: alongside,
        });
        let tender: Weak<Self> = Arc::downgrade(&store);
        store.watch.tend(tender);
        store
    }

    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, debts: Vec<Debt>) {
        let now = self.clock.coarse();
        let mut books = self.books();
        let before = books.owed.forgotten();
        for debt in debts {
            books.owed.add(debt, now, &self.names);
        }
        let first = before == 0 && books.owed.forgotten() > 0;
        self.owes.store(!books.owed.is_empty(), Ordering::Release);
        drop(books);
        if first {
            tracing::error!(
                "more invalidations wait for Redis than can be kept; some keys that belong to no cache \
                 by name live there until they expire"
            );
        }
    }

    /// Done, but what was done within the last seconds may get lost.
    fn note(&self, debts: Vec<Debt>) {
        let now = self.clock.coarse();
        let mut books = self.books();
        books.done.forget_older(DOUBTFUL, now);
        for debt in debts {
            books.done.add(debt, now, &self.names);
        }
    }

    /// Whatever `telling` tells, which is what `debts` say, is owed unless it is done.
    pub(super) async fn telling<T>(
        &self,
        debts: Vec<Debt>,
        telling: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let mut open = Open { store: self, debts };
        let told = telling.await?;
        self.note(std::mem::take(&mut open.debts));
        Ok(told)
    }

    pub(super) fn owes(&self) -> bool {
        self.owes.load(Ordering::Acquire)
    }

    /// What was done lately is owed again.
    fn doubt(&self) {
        let recent = self.books().done.since(DOUBTFUL, self.clock.coarse());
        if !recent.is_empty() {
            self.add(recent);
        }
    }

    pub(super) fn keys(places: &[Place]) -> Vec<Debt> {
        places.iter().map(Debt::key).collect()
    }
}

/// An invalidation under way: when it is dropped, it is owed.
struct Open<'a> {
    store: &'a Remembering,
    debts: Vec<Debt>,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let debts = std::mem::take(&mut self.debts);
        if !debts.is_empty() {
            self.store.add(debts);
        }
    }
}

impl Tends for Remembering {
    fn connected(&self) {
        self.books().refused = None;
        // before the first time there was nothing that could have been lost since
        if self.was_connected.swap(true, Ordering::Relaxed) {
            self.doubt();
        }
        self.pay_soon();
    }

    fn lost(&self) {
        self.doubt();
    }

    fn alive(&self) {
        self.pay_soon();
    }
}

impl fmt::Debug for Remembering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remembering")
            .field("inner", &self.inner)
            .field("owes", &self.owes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use pollster::block_on;

    use super::super::chaos::Mishap;
    use super::super::debts::MOST;
    use super::super::entry::{EntryId, Format, Found};
    use super::super::laws::value;
    use super::super::memory::{FarProcess, FarServer};
    use super::super::names::CacheName;
    use super::super::pattern::Pattern;
    use super::super::token::{Part, Token, TokenKey};
    use super::*;
    use crate::clock::ManualClock;

    struct Scene {
        clock: ManualClock,
        server: FarServer,
        here: FarProcess,
        there: FarProcess,
    }

    fn scene() -> Scene {
        let clock = ManualClock::new();
        let server = FarServer::new(&clock);
        let (here, there) = (server.process(), server.process());
        Scene {
            clock,
            server,
            here,
            there,
        }
    }

    fn at(key: &str) -> Place {
        Place::new(key.to_owned(), Format::Envelope)
    }

    fn put(by: &FarProcess, key: &str) -> Result<Option<EntryId>, Error> {
        block_on(by.store().put(&at(key), &value(7)))
    }

    fn remove(by: &FarProcess, key: &str) -> Result<(), Error> {
        block_on(by.store().remove(&[at(key)]))
    }

    fn get(by: &FarProcess, key: &str) -> Result<Found, Error> {
        Ok(block_on(by.store().get(&at(key), &[]))?.0)
    }

    fn expire(by: &FarProcess, key: &str) -> Result<(), Error> {
        block_on(by.store().expire(&[at(key)]))
    }

    fn token(by: &FarProcess, key: &[TokenKey; 1]) -> Token {
        block_on(by.store().tokens(key)).unwrap()[0].token
    }

    #[test]
    fn nothing_is_read_before_what_is_owed_is_done() {
        let scene = scene();
        for mishap in [Mishap::Refused, Mishap::Lost, Mishap::Unanswered] {
            put(&scene.there, "a").unwrap();
            scene.here.next(mishap);
            assert!(remove(&scene.here, "a").is_err());
            // not yet
            scene.here.cut_data();
            assert!(get(&scene.here, "a").unwrap_err().is_unavailable());
            scene.here.join_data();
            assert_eq!(get(&scene.here, "a").unwrap(), Found::Nothing, "{mishap:?}");
            assert_eq!(get(&scene.there, "a").unwrap(), Found::Nothing);
        }
    }

    #[test]
    fn a_put_that_may_not_have_been_done_is_made_up_for_by_a_removal() {
        let scene = scene();
        for mishap in [Mishap::Lost, Mishap::Unanswered] {
            put(&scene.there, "a").unwrap();
            scene.here.next(mishap);
            assert!(put(&scene.here, "a").is_err());
            assert_eq!(get(&scene.here, "a").unwrap(), Found::Nothing);
        }
    }

    #[test]
    fn what_may_not_have_been_made_stale_is_removed() {
        let scene = scene();
        let tag = [TokenKey::tag("a")];
        for mishap in [Mishap::Refused, Mishap::Lost, Mishap::Unanswered] {
            put(&scene.there, "a").unwrap();
            scene.here.next(mishap);
            assert!(expire(&scene.here, "a").is_err());
            assert_eq!(get(&scene.here, "a").unwrap(), Found::Nothing, "{mishap:?}");

            let before = token(&scene.there, &tag);
            scene.here.next(mishap);
            assert!(block_on(scene.here.store().replace_tokens(&tag, Part::Soft)).is_err());
            assert!(!token(&scene.here, &tag).same_hard(before));
        }
        // and again where the server may have lost it
        put(&scene.there, "a").unwrap();
        expire(&scene.here, "a").unwrap();
        assert!(matches!(get(&scene.here, "a"), Ok(Found::Entry(_))));
        scene.here.cut_feed();
        assert_eq!(get(&scene.here, "a").unwrap(), Found::Nothing);
    }

    #[test]
    fn one_that_is_dropped_half_way_is_owed() {
        let scene = scene();
        put(&scene.there, "a").unwrap();
        scene.here.next(Mishap::Stalled);
        {
            let (store, places) = (scene.here.store(), [at("a")]);
            let mut removal = pin!(store.remove(&places));
            let mut context = Context::from_waker(Waker::noop());
            assert!(removal.as_mut().poll(&mut context).is_pending());
        }
        assert!(matches!(get(&scene.there, "a"), Ok(Found::Entry(_))));
        assert_eq!(get(&scene.here, "a").unwrap(), Found::Nothing);
    }

    #[test]
    fn tokens_and_patterns_are_owed_too() {
        let scene = scene();
        let tag = [TokenKey::tag("a")];
        let before = token(&scene.there, &tag);
        put(&scene.there, "a:1").unwrap();
        scene.here.cut_data();
        assert!(block_on(scene.here.store().replace_tokens(&tag, Part::Hard)).is_err());
        let pattern = Pattern::prefix(b"a:");
        assert!(block_on(scene.here.store().remove_matching(&pattern)).is_err());
        scene.here.join_data();
        assert_ne!(token(&scene.here, &tag), before);
        // what takes a scan is done in the background
        scene.here.beat();
        assert_eq!(get(&scene.there, "a:1").unwrap(), Found::Nothing);
    }

    #[test]
    fn what_takes_a_scan_holds_up_what_it_concerns_and_nothing_else() {
        let scene = scene();
        put(&scene.there, "a:1").unwrap();
        put(&scene.there, "b:1").unwrap();
        let pattern = Pattern::prefix(b"a:");
        scene.here.next(Mishap::Refused);
        assert!(block_on(scene.here.store().remove_matching(&pattern)).is_err());
        scene.here.next(Mishap::Stalled);
        assert!(get(&scene.here, "a:1").unwrap_err().is_unavailable());
        assert_eq!(scene.here.stalled(), 1);
        assert!(get(&scene.here, "a:1").unwrap_err().is_unavailable());
        assert!(matches!(get(&scene.here, "b:1"), Ok(Found::Entry(_))));
        scene.here.release();
        scene.here.beat();
        assert_eq!(get(&scene.here, "a:1").unwrap(), Found::Nothing);
    }

    #[test]
    fn who_is_not_polled_holds_up_nobody() {
        let scene = scene();
        let mut context = Context::from_waker(Waker::noop());
        for key in ["a", "b"] {
            scene.here.next(Mishap::Refused);
            assert!(remove(&scene.here, key).is_err());
        }
        scene.here.next(Mishap::Stalled);
        let (store, [a, b]) = (scene.here.store(), ["a", "b"].map(at));
        let mut idle = pin!(store.get(&a, &[]));
        assert!(idle.as_mut().poll(&mut context).is_pending());
        scene.here.release();
        assert_eq!(block_on(store.get(&b, &[])).unwrap().0, Found::Nothing);
        assert_eq!(block_on(store.get(&a, &[])).unwrap().0, Found::Nothing);
    }

    #[test]
    fn it_is_done_with_the_next_beat_if_nobody_reads() {
        let scene = scene();
        put(&scene.there, "a").unwrap();
        scene.here.next(Mishap::Refused);
        assert!(remove(&scene.here, "a").is_err());
        scene.here.beat();
        assert_eq!(scene.server.get("a"), None);
    }

    #[test]
    fn what_was_done_lately_is_done_again_when_the_feed_was_lost() {
        let scene = scene();
        remove(&scene.here, "old").unwrap();
        scene.clock.advance(Duration::from_secs(10));
        remove(&scene.here, "new").unwrap();
        // a server that took over does not know of it
        let forget = || ["old", "new"].map(|key| scene.server.set(key, "again", None));
        forget();
        scene.here.cut_feed();
        assert_eq!(get(&scene.here, "new").unwrap(), Found::Nothing);
        // and it may take over later than that
        forget();
        scene.here.join_feed();
        assert_eq!(scene.server.get("new"), None);
        assert!(scene.server.get("old").is_some());
    }

    #[test]
    fn those_who_wait_for_one_who_fails_fail_with_it() {
        let scene = scene();
        scene.here.cut_data();
        assert!(remove(&scene.here, "a").is_err());
        scene.here.always(Some(Mishap::Stalled));
        let (store, place) = (scene.here.store(), at("a"));
        let mut context = Context::from_waker(Waker::noop());
        let mut one = pin!(store.get(&place, &[]));
        let mut other = pin!(store.get(&place, &[]));
        assert!(one.as_mut().poll(&mut context).is_pending());
        assert!(other.as_mut().poll(&mut context).is_pending());
        assert_eq!(scene.here.stalled(), 1);
        scene.here.cut_data();
        scene.here.next(Mishap::Refused);
        scene.here.release();
        // the one under way goes on, and the next of its calls is refused
        let answered = block_on(one);
        assert!(answered.is_err());
        assert!(block_on(other).is_err());
    }

    #[test]
    fn too_many_tags_become_all_of_them_and_every_process_notices() {
        let scene = scene();
        let (watch, tag) = (scene.there.watch(), [TokenKey::tag("0")]);
        remove(&scene.here, "nothing").unwrap();
        let before = (watch.epoch(), token(&scene.there, &tag));
        scene.here.cut_data();
        for n in 0..=MOST {
            let tag = TokenKey::tag(&n.to_string());
            assert!(block_on(scene.here.store().replace_tokens(&[tag], Part::Hard)).is_err());
        }
        scene.here.join_data();
        scene.here.beat();
        assert_ne!(watch.epoch(), before.0);
        assert_ne!(token(&scene.there, &tag), before.1);
    }

    #[test]
    fn too_many_keys_become_their_cache() {
        let scene = scene();
        let names = scene.here.names();
        let cache = CacheName::new(&["users"], "00000000");
        let generation = [cache.generation()];
        let before = token(&scene.there, &generation);
        scene.here.cut_data();
        for n in 0..=MOST {
            let key = [&names.values(&cache)[..], n.to_string().as_bytes()].concat();
            let place = Place::new(key, Format::Envelope);
            assert!(block_on(scene.here.store().remove(&[place])).is_err());
        }
        scene.here.join_data();
        scene.here.beat();
        assert_ne!(token(&scene.there, &generation), before);
    }
}
