//! A store that forgets no invalidation.
//!
//! One that could not be told, or whose fate is unknown, is *owed*: it is done before this process reads what it
//! concerns, so that it never reads what it has invalidated. Those of the last seconds are owed again
//! whenever the feed was lost, since a server that took over, or came back, may not know of them.
//!
//! They are done as removals, even where it was a `put` that failed: which value would be the newest,
//! nobody knows any more.
//!
//! # Who does it
//! Nobody's caller: an attempt runs in the background, one at a time, and whoever needs it waits for its end. A
//! caller who is not polled any more, or blocks its thread, holds up nobody. An attempt is a few round trips, each
//! of which has its deadline; if it gets no answer, those who wait fail with it, and a read that fails
//! is a load. What takes a scan of all keys is an attempt of its own, which nobody waits for: until
//! it has ended, what it concerns is not read, and everything else is.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::Shared;

use crate::clock::Clock;
use crate::error::{Error, ErrorKind};

use super::contract::Store;
use super::debts::{Debt, Debts, Entered, Hindrance};
use super::entry::{Format, Place};
use super::hears::{Heard, Tends};
use super::names::Names;
use super::token::TokenKey;
use super::watch::Watch;

/// For how long an invalidation that was done may still get lost.
const DOUBTFUL: Duration = Duration::from_secs(10);

/// Something to be done.
pub(super) type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs something in the background.
pub(super) type Spawn = Box<dyn Fn(Task) + Send + Sync>;

/// Makes a task one that goes on when nobody waits for it.
pub(super) type Apart = Box<dyn Fn(Task) -> Task + Send + Sync>;

/// Any store, and what it has to be told.
pub(crate) struct Remembering {
    pub(super) inner: Arc<dyn Store>,
    watch: Arc<Watch>,
    names: Names,
    clock: Clock,
    spawn: Spawn,
    apart: Apart,
    itself: Weak<Self>,
    /// Whether anything is owed: asked before every read.
    owes: AtomicBool,
    books: Mutex<Books>,
    /// Attempts under way.
    telling: Attempt,
    sweeping: Attempt,
    /// Something was refused since the feed was connected.
    refused: AtomicBool,
    /// Lives as long as this does.
    _alongside: Arc<dyn Tends>,
}

#[derive(Debug, Default)]
struct Books {
    owed: Debts,
    done: Debts,
    /// Up to which number it was tried, and whether anybody answered.
    tried: u64,
    answered: bool,
}

/// What those who wait for it share.
type Attempt = Mutex<Option<Shared<Task>>>;

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
            telling: Attempt::default(),
            sweeping: Attempt::default(),
            refused: AtomicBool::new(false),
            _alongside: alongside,
        });
        let tender: Weak<Self> = Arc::downgrade(&store);
        store.watch.tend(tender);
        store
    }

    fn books(&self) -> MutexGuard<'_, Books> {
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
        if books.done.len() >= super::debts::MOST {
            books.done.since(DOUBTFUL, now);
        }
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

    /// Nothing is owed that concerns `key` or `tokens`, or this fails.
    pub(super) async fn clear(
        &self,
        key: Option<&Bytes>,
        tokens: &[TokenKey],
    ) -> Result<(), Error> {
        // the attempt under way may have begun before this was owed, so there may be a second one
        for waited in 0..=2 {
            match self.hindrance(key, tokens) {
                None => return Ok(()),
                Some((Hindrance::Quick(_), in_vain)) => {
                    if waited > 0 && in_vain {
                        break;
                    }
                    if let Some(attempt) = self.attempt(&self.telling, Self::tell) {
                        attempt.await;
                    }
                }
                Some((Hindrance::Sweep, _)) => {
                    if waited > 0 || self.refused.load(Ordering::Relaxed) {
                        break;
                    }
                    self.start(&self.sweeping, Self::sweep);
                }
            }
        }
        let what = "Redis has not been told of earlier invalidations yet";
        Err(Error::new(ErrorKind::Unavailable, what))
    }

    /// What is in the way of `key` and `tokens`, and whether it was tried in vain.
    fn hindrance(&self, key: Option<&Bytes>, tokens: &[TokenKey]) -> Option<(Hindrance, bool)> {
        let books = self.books();
        let hindrance = books.owed.hindrance(key, tokens, &self.names)?;
        let was_tried = match hindrance {
            Hindrance::Quick(number) => books.tried >= number,
            Hindrance::Sweep => false,
        };
        Some((hindrance, was_tried || !books.answered))
    }

    /// The attempt under way, or a new one.
    fn attempt<F>(&self, attempt: &Attempt, begin: fn(Arc<Self>) -> F) -> Option<Shared<Task>>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let itself = self.itself.upgrade()?;
        let mut attempt = attempt.lock().unwrap_or_else(PoisonError::into_inner);
        // one that is over and still here could not begin
        let under_way = attempt.take().filter(|attempt| attempt.peek().is_none());
        let under_way = under_way.unwrap_or_else(|| (self.apart)(Box::pin(begin(itself))).shared());
        Some(attempt.insert(under_way).clone())
    }

    /// Sees to it that an attempt is under way.
    fn start<F>(&self, attempt: &Attempt, begin: fn(Arc<Self>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if let Some(attempt) = self.attempt(attempt, begin) {
            (self.spawn)(Box::pin(attempt));
        }
    }

    /// Tells what takes a few round trips.
    async fn tell(self: Arc<Self>) {
        let mut ends = Ends::of(&self, |store| &store.telling);
        let (keys, tokens) = {
            let owed = &self.books().owed;
            ends.tried = owed.last();
            let keys = owed.those(|debt| matches!(debt, Debt::Key(_)));
            (keys, owed.those(|debt| matches!(debt, Debt::Token(_))))
        };

        let place = |(debt, _): &(Debt, Entered)| match debt {
            Debt::Key(doomed) => Some(Place::new(doomed.key.clone(), Format::Envelope)),
            _ => None,
        };
        let places: Vec<_> = keys.iter().filter_map(place).collect();
        let told = self.inner.remove(&places).await;
        if !self.settle(&keys, told) {
            return;
        }
        let token = |(debt, _): &(Debt, Entered)| match debt {
            Debt::Token(key) => Some(key.clone()),
            _ => None,
        };
        let of: Vec<_> = tokens.iter().filter_map(token).collect();
        let told = self.inner.replace_tokens(&of).await.map(drop);
        ends.answered = self.settle(&tokens, told);
    }

    /// Does what takes a scan.
    async fn sweep(self: Arc<Self>) {
        let _ends = Ends::of(&self, |store| &store.sweeping);
        let sweeps = self.books().owed.those(|debt| !debt.is_quick());
        for sweep in sweeps {
            let told = match &sweep.0 {
                Debt::Matching(pattern) => self.inner.remove_matching(pattern).await.map(drop),
                _ => self.forget_all_tags().await,
            };
            if !self.settle(std::slice::from_ref(&sweep), told) {
                return;
            }
        }
    }

    async fn forget_all_tags(&self) -> Result<(), Error> {
        self.inner.remove_matching(&self.names.all_tags()).await?;
        // who misses the feed starts a new epoch, in which no token is known
        let feed = Place::new(self.names.feed(), Format::Envelope);
        self.inner.remove(&[feed]).await
    }

    /// Answers whether it makes sense to go on.
    fn settle(&self, debts: &[(Debt, Entered)], told: Result<(), Error>) -> bool {
        match told {
            Ok(()) => {
                for (debt, _) in debts {
                    // nobody hears an echo; what this process knows of it is over
                    if let Debt::Token(key) = debt {
                        self.watch.tell(Heard::Token(key));
                    }
                }
                let mut books = self.books();
                books.owed.settle(debts);
                self.owes.store(!books.owed.is_empty(), Ordering::Release);
                true
            }
            Err(error) if error.is_refused() => {
                if !self.refused.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        %error,
                        "Redis refuses an invalidation; what it concerns is loaded instead of read there, and \
                         other processes are not told"
                    );
                }
                true
            }
            Err(_) => false,
        }
    }

    /// What was done lately is owed again.
    fn doubt(&self) {
        let recent = self.books().done.since(DOUBTFUL, self.clock.coarse());
        if !recent.is_empty() {
            self.add(recent);
        }
    }

    /// Redis answered something else.
    pub(super) fn answered(&self) {
        if !self.refused.load(Ordering::Relaxed) {
            self.pay_soon();
        }
    }

    /// Does what is owed, in the background.
    fn pay_soon(&self) {
        if self.owes() {
            self.start(&self.telling, Self::tell);
            self.start(&self.sweeping, Self::sweep);
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

/// The end of an attempt, however it comes.
struct Ends<'a> {
    store: &'a Remembering,
    attempt: &'a Attempt,
    tried: u64,
    answered: bool,
}

impl<'a> Ends<'a> {
    fn of(store: &'a Remembering, attempt: fn(&'a Remembering) -> &'a Attempt) -> Self {
        Self {
            store,
            attempt: attempt(store),
            tried: 0,
            answered: false,
        }
    }
}

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        let mut books = self.store.books();
        if self.tried > 0 {
            (books.tried, books.answered) = (self.tried, self.answered);
        }
        drop(books);
        // before those who wait are woken
        let mut attempt = self.attempt.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = attempt.take();
        drop(attempt);
        drop(ended);
    }
}

impl Tends for Remembering {
    fn connected(&self) {
        self.refused.store(false, Ordering::Relaxed);
        self.doubt();
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
    use super::super::entry::{EntryId, Found};
    use super::super::laws::value;
    use super::super::memory::{FarProcess, FarServer};
    use super::super::names::CacheName;
    use super::super::pattern::Pattern;
    use super::super::token::TokenKey;
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
        let before = block_on(scene.there.store().tokens(&tag)).unwrap();
        put(&scene.there, "a:1").unwrap();
        scene.here.cut_data();
        assert!(block_on(scene.here.store().replace_tokens(&tag)).is_err());
        let pattern = Pattern::prefix(b"a:");
        assert!(block_on(scene.here.store().remove_matching(&pattern)).is_err());
        scene.here.join_data();
        assert_ne!(block_on(scene.here.store().tokens(&tag)).unwrap(), before);
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
        let before = (
            watch.epoch(),
            block_on(scene.there.store().tokens(&tag)).unwrap(),
        );
        scene.here.cut_data();
        for n in 0..=MOST {
            let tag = TokenKey::tag(&n.to_string());
            assert!(block_on(scene.here.store().replace_tokens(&[tag])).is_err());
        }
        scene.here.join_data();
        scene.here.beat();
        assert_ne!(watch.epoch(), before.0);
        assert_ne!(
            block_on(scene.there.store().tokens(&tag)).unwrap(),
            before.1
        );
    }

    #[test]
    fn too_many_keys_become_their_cache() {
        let scene = scene();
        let names = scene.here.names();
        let cache = CacheName::new(&["users"], "00000000");
        let generation = [cache.generation()];
        let before = block_on(scene.there.store().tokens(&generation)).unwrap();
        scene.here.cut_data();
        for n in 0..=MOST {
            let key = [&names.values(&cache)[..], n.to_string().as_bytes()].concat();
            let place = Place::new(key, Format::Envelope);
            assert!(block_on(scene.here.store().remove(&[place])).is_err());
        }
        scene.here.join_data();
        scene.here.beat();
        assert_ne!(
            block_on(scene.there.store().tokens(&generation)).unwrap(),
            before
        );
    }
}
