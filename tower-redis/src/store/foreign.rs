//! Removing what somebody else's message names: `PUBLISH cache:invalidate users:`.
//!
//! Every instance hears it and drops it near at once. One of them removes it from Redis: whoever gets a
//! claim, a key that expires, so that another one takes over when that one dies. What is wanted at the same time is
//! removed together, since each removal looks at every key there is.

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;

use crate::error::Error;

use super::background::Spawn;
use super::contract::Answer;
use super::hears::{Heard, Tends};
use super::message::Told;
use super::pattern::Pattern;
use super::shown::shown;
use super::wanted::{MANY, Wanted};
use super::watch::Watch;

/// How long a claim lies there unless it is held for longer.
pub(super) const CLAIM: Duration = Duration::from_secs(5);

/// How often a claim is made to last longer.
const RENEW: Duration = Duration::from_secs(2);

/// How long a claim stays after all is done: who hears of it late need not do it again.
const AFTERWARDS: Duration = Duration::from_secs(1);

/// How long to wait when Redis is away.
const AWAY: Duration = Duration::from_secs(1);

/// The least time to wait for somebody else.
const SHORTEST: Duration = Duration::from_millis(50);

/// How many prefixes are looked for in one scan.
const AT_ONCE: usize = 1_024;

/// Ends when a time is over.
pub(super) type Waiting = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Waits; a store in memory has nothing to wait with, and never goes on.
pub(super) type Pause = fn(Duration) -> Waiting;

/// Who removes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// This instance, from now on or already.
    Ours,
    /// Somebody else, who has it for so long.
    Theirs(Duration),
}

/// What it takes to remove something once in all processes.
pub(super) trait Clears: Send + Sync {
    /// The right to remove what starts with each of `prefixes`.
    fn claim<'a>(&'a self, prefixes: &'a [Bytes]) -> Answer<'a, Vec<Claim>>;

    /// Makes those claims last for `time` from now.
    fn hold<'a>(&'a self, prefixes: &'a [Bytes], time: Duration) -> Answer<'a, ()>;

    /// Tells every instance.
    fn say<'a>(&'a self, told: &'a [Told]) -> Answer<'a, ()>;

    /// Removes what starts with one of `prefixes`, as `Store::remove_matching` does, all of it in one go.
    fn clear<'a>(&'a self, prefixes: &'a [Bytes]) -> Answer<'a, u64>;
}

/// Does what foreign messages ask for.
pub(super) struct Foreign {
    clears: Arc<dyn Clears>,
    watch: Arc<Watch>,
    spawn: Spawn,
    pause: Pause,
    itself: Weak<Self>,
    desk: Arc<Desk>,
}

/// What has to be done.
#[derive(Default)]
struct Desk {
    wanted: Mutex<Wanted>,
    changed: Notify,
}

impl Desk {
    fn wants(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Foreign {
    pub(super) fn new(
        clears: Arc<dyn Clears>,
        watch: Arc<Watch>,
        spawn: Spawn,
        pause: Pause,
    ) -> Arc<Self> {
        let foreign = Arc::new_cyclic(|itself: &Weak<Self>| Self {
            clears,
            watch,
            spawn,
            pause,
            itself: itself.clone(),
            desk: Arc::default(),
        });
        let tender: Weak<Self> = Arc::downgrade(&foreign);
        foreign.watch.tend(tender);
        foreign
    }

    /// Sees to it that somebody in this process looks after what is wanted.
    fn look_after(&self) {
        if !self.desk.wants().tend() {
            return;
        }
        let tender = Tender {
            foreign: self.itself.clone(),
            desk: Arc::clone(&self.desk),
            pause: self.pause,
            rests: false,
        };
        (self.spawn)(Box::pin(tender.until_settled()));
    }

    /// Removes of `taken` what nobody else removes, and tells when to look again at what is still wanted
    /// then.
    async fn tend(&self, taken: Vec<Bytes>) -> Duration {
        let claims = match self.clears.claim(&taken).await {
            Ok(claims) => claims,
            // a server whose memory is full keeps no claim, and what several remove is removed as well
            Err(error) if error.is_refused() => vec![Claim::Ours; taken.len()],
            Err(_) => return AWAY,
        };
        let (mut ours, mut next) = (Vec::new(), AFTERWARDS);
        for (prefix, claim) in taken.into_iter().zip(claims) {
            match claim {
                // unless who had the claim before is done
                Claim::Ours if self.desk.wants().is_open(&prefix) => ours.push(prefix),
                Claim::Ours => {}
                Claim::Theirs(left) => next = next.min(left.max(SHORTEST)),
            }
        }
        if ours.is_empty() || self.remove(&ours).await.is_ok() {
            next
        } else {
            AWAY
        }
    }

    async fn remove(&self, prefixes: &[Bytes]) -> Result<(), Error> {
        let clears = &self.clears;
        let all = |told: fn(Bytes) -> Told| prefixes.iter().cloned().map(told).collect::<Vec<_>>();
        clears.hold(prefixes, CLAIM).await?;
        clears.say(&all(Told::Started)).await?;
        let removed = self.clear(prefixes).await?;
        for prefix in prefixes {
            // nobody hears an echo
            self.watch.tell(Heard::Matching(&Pattern::prefix(prefix)));
        }
        clears.say(&all(Told::Done)).await?;
        // an echo would say so too, where it is heard
        self.desk.wants().did(prefixes);
        let together = prefixes.len();
        for prefix in prefixes {
            tracing::info!(
                prefix = %shown(prefix),
                together,
                removed,
                "removed what was published on `cache:invalidate`"
            );
        }
        // who hears of it late need not do it again
        clears.hold(prefixes, AFTERWARDS).await
    }

    async fn clear(&self, prefixes: &[Bytes]) -> Result<u64, Error> {
        let mut clearing = pin!(self.clears.clear(prefixes));
        loop {
            match either(clearing.as_mut(), (self.pause)(RENEW)).await {
                Either::First(cleared) => return cleared,
                Either::Second => self.clears.hold(prefixes, CLAIM).await?,
            }
        }
    }
}

/// Looks after everything that is wanted, some of it at a time. It holds nothing while it waits, so that
/// what nobody else uses any more ends.
struct Tender {
    foreign: Weak<Foreign>,
    desk: Arc<Desk>,
    pause: Pause,
    rests: bool,
}

impl Tender {
    async fn until_settled(mut self) {
        let mut over: Option<Waiting> = None;
        loop {
            let mut changed = pin!(self.desk.changed.notified());
            changed.as_mut().enable();
            let taken = self.desk.wants().take(AT_ONCE);
            if !taken.is_empty() {
                let Some(foreign) = self.foreign.upgrade() else {
                    return;
                };
                let next = foreign.tend(taken).await;
                over.get_or_insert_with(|| (self.pause)(next));
                continue;
            }
            if self.desk.wants().rest() {
                self.rests = true;
                return;
            }
            let waiting = over.get_or_insert_with(|| (self.pause)(AFTERWARDS));
            if let Either::Second = either(changed, waiting.as_mut()).await {
                over = None;
                self.desk.wants().again();
            }
        }
    }
}

impl Drop for Tender {
    fn drop(&mut self) {
        if !self.rests {
            self.desk.wants().leave();
        }
    }
}

impl Tends for Foreign {
    fn wanted(&self, prefix: &Bytes) {
        let mut wants = self.desk.wants();
        wants.want(prefix);
        let many = wants.are_many();
        drop(wants);
        if many {
            tracing::error!(
                "more than {MANY} prefixes that were published on `cache:invalidate` wait to be removed \
                 from Redis; all of them are, but they are published faster than that can be done"
            );
        }
        self.desk.changed.notify_waiters();
        self.look_after();
    }

    fn started(&self, prefix: &Bytes) {
        self.desk.wants().start(prefix);
    }

    fn done(&self, prefix: &Bytes) {
        self.desk.wants().finish(prefix);
        self.desk.changed.notify_waiters();
    }

    // whatever nobody looks after any more, such as where a runtime has ended
    fn alive(&self) {
        self.look_after();
    }
}

enum Either<T> {
    First(T),
    Second,
}

/// Whichever ends first; the first one when both have.
async fn either<T>(
    mut first: Pin<&mut impl Future<Output = T>>,
    mut second: impl Future<Output = ()> + Unpin,
) -> Either<T> {
    std::future::poll_fn(|context| {
        if let std::task::Poll::Ready(value) = first.as_mut().poll(context) {
            return std::task::Poll::Ready(Either::First(value));
        }
        Pin::new(&mut second).poll(context).map(|()| Either::Second)
    })
    .await
}

impl fmt::Debug for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Foreign").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::Instance;
    use super::super::names::Names;
    use super::*;
    use crate::clock::Clock;
    use crate::error::ErrorKind;

    /// A server that is away.
    #[derive(Default)]
    struct Away(Notify);

    impl Away {
        fn refuses<T: Send + 'static>(&self) -> Answer<'_, T> {
            self.0.notify_one();
            Box::pin(async { Err(Error::new(ErrorKind::Unavailable, "away")) })
        }
    }

    impl Clears for Away {
        fn claim<'a>(&'a self, _: &'a [Bytes]) -> Answer<'a, Vec<Claim>> {
            self.refuses()
        }

        fn hold<'a>(&'a self, _: &'a [Bytes], _: Duration) -> Answer<'a, ()> {
            self.refuses()
        }

        fn say<'a>(&'a self, _: &'a [Told]) -> Answer<'a, ()> {
            self.refuses()
        }

        fn clear<'a>(&'a self, _: &'a [Bytes]) -> Answer<'a, u64> {
            self.refuses()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_for_a_server_that_is_away_keeps_nothing_alive() {
        let (names, clock) = (Names::new("tr", 0), Clock::system());
        let watch = Arc::new(Watch::new(Instance::draw(), &names, clock));
        let away = Arc::new(Away::default());
        let foreign = Foreign::new(
            Arc::<Away>::clone(&away),
            watch,
            Box::new(|task| drop(tokio::spawn(task))),
            |time| Box::pin(tokio::time::sleep(time)),
        );
        let desk = Arc::downgrade(&foreign.desk);
        foreign.wanted(&Bytes::from_static(b"users:"));
        // it is asked for again and again
        for _ in 0..3 {
            away.0.notified().await;
        }
        tokio::task::yield_now().await;
        drop(foreign);
        assert_eq!(Arc::strong_count(&away), 1);
        while desk.strong_count() > 0 {
            tokio::time::advance(AWAY).await;
        }
    }
}
