//! A store to which things happen.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::error::{Error, ErrorKind};

use super::contract::{Answer, Store};
use super::entry::{EntryId, Found, Lease, Leased, New, Place};
use super::pattern::Pattern;
use super::token::{Given, Part, Stamp, Token, TokenKey};

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mishap {
    /// It is refused, and nothing is done.
    Refused,
    /// It is lost on its way: nothing is done, and nobody knows.
    Lost,
    /// The answer is lost: it is done, and nobody knows.
    Unanswered,
    /// It waits until it is released, and goes on then.
    Stalled,
    /// It is done twice.
    Twice,
    /// A fill is given up, and done when it is released; anything else is lost.
    Late,
}

impl Mishap {
    /// Every one of them.
    pub const ALL: &[Self] = &[
        Self::Refused,
        Self::Lost,
        Self::Unanswered,
        Self::Stalled,
        Self::Twice,
        Self::Late,
    ];
}

/// Any store, and what happens to its calls: nothing, until somebody says so.
pub(crate) struct Chaos {
    inner: Arc<dyn Store>,
    plan: Mutex<Plan>,
    released: watch::Sender<u64>,
}

#[derive(Default)]
struct Plan {
    next: VecDeque<Mishap>,
    always: Option<Mishap>,
    late: Vec<(Place, Lease, New)>,
}

impl Chaos {
    pub(crate) fn over(inner: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            plan: Mutex::default(),
            released: watch::Sender::default(),
        })
    }

    /// This happens to the next call that nothing is planned for yet.
    pub(crate) fn next(&self, mishap: Mishap) {
        self.plan().next.push_back(mishap);
    }

    /// This happens to every call from now on; `None`: nothing does, not even what was planned.
    pub(crate) fn always(&self, mishap: Option<Mishap>) {
        let mut plan = self.plan();
        plan.next.clear();
        plan.always = mishap;
    }

    /// How many calls wait to be released.
    pub(crate) fn stalled(&self) -> usize {
        self.released.receiver_count()
    }

    /// Lets every stalled call go on, and does the late fills.
    pub(crate) fn release(&self) {
        let late = std::mem::take(&mut self.plan().late);
        for (at, lease, new) in late {
            // nobody waits for the answer
            let _ = pollster::block_on(self.inner.fill(&at, &lease, &new));
        }
        self.released.send_modify(|times| *times += 1);
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn draw(&self) -> Option<Mishap> {
        let mut plan = self.plan();
        plan.next.pop_front().or(plan.always)
    }

    fn meet<'a, T: Send + 'a>(
        &'a self,
        call: impl Fn() -> Answer<'a, T> + Send + 'a,
    ) -> Answer<'a, T> {
        self.meet_unless_late(call, || ())
    }

    /// `late` is what to do about a call that is given up and done later.
    fn meet_unless_late<'a, T: Send + 'a>(
        &'a self,
        call: impl Fn() -> Answer<'a, T> + Send + 'a,
        late: impl FnOnce() + Send + 'a,
    ) -> Answer<'a, T> {
        let Some(mishap) = self.draw() else {
            return call();
        };
        Box::pin(async move {
            match mishap {
                Mishap::Refused => Err(refused()),
                Mishap::Lost => Err(unknown()),
                Mishap::Unanswered => {
                    call().await?;
                    Err(unknown())
                }
                Mishap::Stalled => {
                    let mut released = self.released.subscribe();
                    // it ends with this store, which is what is borrowed here
                    let _ = released.changed().await;
                    drop(released);
                    call().await
                }
                Mishap::Twice => {
                    call().await?;
                    call().await
                }
                Mishap::Late => {
                    late();
                    Err(unknown())
                }
            }
        })
    }
}

fn refused() -> Error {
    let what = "a test has refused the call: nothing was done";
    Error::new(ErrorKind::Unavailable, what)
}

fn unknown() -> Error {
    let what = "a test has lost the call or its answer: it may have been done";
    Error::new(ErrorKind::Timeout, what)
}

impl Store for Chaos {
    fn get<'a>(&'a self, at: &'a Place, tokens: &'a [TokenKey]) -> Answer<'a, (Found, Vec<Given>)> {
        self.meet(move || self.inner.get(at, tokens))
    }

    fn inspect<'a>(&'a self, at: &'a Place) -> Answer<'a, Found> {
        self.meet(move || self.inner.inspect(at))
    }

    fn get_many<'a>(
        &'a self,
        at: &'a [Place],
        tokens: &'a [TokenKey],
    ) -> Answer<'a, (Vec<Found>, Vec<Given>)> {
        self.meet(move || self.inner.get_many(at, tokens))
    }

    fn tokens<'a>(&'a self, of: &'a [TokenKey]) -> Answer<'a, Vec<Given>> {
        self.meet(move || self.inner.tokens(of))
    }

    fn stamp(&self) -> Answer<'_, Stamp> {
        self.meet(move || self.inner.stamp())
    }

    fn lease<'a>(&'a self, at: &'a Place, rejected: Option<EntryId>) -> Answer<'a, Leased> {
        self.meet(move || self.inner.lease(at, rejected))
    }

    fn lease_many<'a>(&'a self, wanted: &'a [(Place, Option<EntryId>)]) -> Answer<'a, Vec<Leased>> {
        self.meet(move || self.inner.lease_many(wanted))
    }

    fn lease_anew<'a>(&'a self, at: &'a Place) -> Answer<'a, Leased> {
        self.meet(move || self.inner.lease_anew(at))
    }

    fn lease_fleet<'a>(
        &'a self,
        at: &'a Place,
        rejected: Option<EntryId>,
        hold: Duration,
    ) -> Answer<'a, Leased> {
        self.meet(move || self.inner.lease_fleet(at, rejected, hold))
    }

    fn renew<'a>(&'a self, at: &'a Place, lease: &'a Lease, hold: Duration) -> Answer<'a, bool> {
        self.meet(move || self.inner.renew(at, lease, hold))
    }

    fn fail<'a>(&'a self, at: &'a Place, lease: &'a Lease, throttle: Duration) -> Answer<'a, ()> {
        self.meet(move || self.inner.fail(at, lease, throttle))
    }

    fn release<'a>(&'a self, at: &'a Place, lease: &'a Lease) -> Answer<'a, ()> {
        self.meet(move || self.inner.release(at, lease))
    }

    fn fill<'a>(
        &'a self,
        at: &'a Place,
        lease: &'a Lease,
        new: &'a New,
    ) -> Answer<'a, Option<EntryId>> {
        let late = move || {
            let late = (at.clone(), lease.clone(), new.clone());
            self.plan().late.push(late);
        };
        self.meet_unless_late(move || self.inner.fill(at, lease, new), late)
    }

    fn fill_many<'a>(
        &'a self,
        entries: &'a [(Place, Lease, New)],
    ) -> Answer<'a, Vec<Option<EntryId>>> {
        let late = move || self.plan().late.extend_from_slice(entries);
        self.meet_unless_late(move || self.inner.fill_many(entries), late)
    }

    fn put<'a>(&'a self, at: &'a Place, new: &'a New) -> Answer<'a, Option<EntryId>> {
        self.meet(move || self.inner.put(at, new))
    }

    fn remove<'a>(&'a self, at: &'a [Place]) -> Answer<'a, ()> {
        self.meet(move || self.inner.remove(at))
    }

    fn touch<'a>(&'a self, at: &'a Place, keep: Duration) -> Answer<'a, ()> {
        self.meet(move || self.inner.touch(at, keep))
    }

    fn expire<'a>(&'a self, at: &'a [Place]) -> Answer<'a, ()> {
        self.meet(move || self.inner.expire(at))
    }

    fn replace_tokens<'a>(&'a self, of: &'a [TokenKey], part: Part) -> Answer<'a, Vec<Token>> {
        self.meet(move || self.inner.replace_tokens(of, part))
    }

    fn remove_matching<'a>(&'a self, pattern: &'a Pattern) -> Answer<'a, u64> {
        self.meet(move || self.inner.remove_matching(pattern))
    }
}

impl fmt::Debug for Chaos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chaos")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use pollster::block_on;

    use super::super::entry::{Format, Leased};
    use super::super::laws::value;
    use super::super::memory::FarServer;
    use super::*;
    use crate::clock::ManualClock;

    fn key() -> Place {
        Place::new("key", Format::Envelope)
    }

    fn chaos() -> (FarServer, Arc<Chaos>) {
        let server = FarServer::new(&ManualClock::new());
        let store = server.process().store();
        (server, Chaos::over(store))
    }

    fn put(store: &dyn Store) -> Result<Option<EntryId>, Error> {
        block_on(store.put(&key(), &value(7)))
    }

    #[test]
    fn each_mishap_is_what_it_says() {
        for (mishap, done, told) in [
            (Mishap::Refused, false, Some(ErrorKind::Unavailable)),
            (Mishap::Lost, false, Some(ErrorKind::Timeout)),
            (Mishap::Unanswered, true, Some(ErrorKind::Timeout)),
            (Mishap::Twice, true, None),
            (Mishap::Late, false, Some(ErrorKind::Timeout)),
        ] {
            let (server, store) = chaos();
            store.next(mishap);
            assert_eq!(
                put(&*store).err().map(|error| error.kind()),
                told,
                "{mishap:?}"
            );
            assert_eq!(server.get("key").is_some(), done, "{mishap:?}");
            assert!(put(&*store).is_ok());
        }
    }

    #[test]
    fn a_stalled_call_goes_on_when_it_is_released() {
        let (server, store) = chaos();
        store.always(Some(Mishap::Stalled));
        let (at, new) = (key(), value(7));
        let mut stalled = pin!(store.put(&at, &new));
        let mut context = Context::from_waker(Waker::noop());
        assert!(stalled.as_mut().poll(&mut context).is_pending());
        assert_eq!((store.stalled(), server.get("key")), (1, None));
        store.release();
        assert!(matches!(stalled.poll(&mut context), Poll::Ready(Ok(_))));
        assert!(server.get("key").is_some());
        store.always(None);
        assert!(put(&*store).is_ok());
    }

    #[test]
    fn a_late_fill_comes_late() {
        let (server, store) = chaos();
        let Ok(Leased::Granted(lease)) = block_on(store.lease(&key(), None)) else {
            panic!("nothing is there");
        };
        store.next(Mishap::Late);
        assert!(block_on(store.fill(&key(), &lease, &value(7))).is_err());
        assert_eq!(server.get("key"), None);
        store.release();
        assert!(server.get("key").is_some());
    }
}
