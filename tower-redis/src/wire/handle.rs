//! The handle the rest of the library holds.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use redis::Value;
use tokio::runtime::Handle;
use tokio::task::coop::unconstrained;

use crate::clock::Clock;
use crate::config::RedisSettings;
use crate::error::Error;

use super::call::{Batch, One};
use super::counts::WireState;
use super::fault::Away;
use super::hearer::{Hearer, Interest};
use super::home::Home;
use super::keeper::{self, Ticker};
use super::lane::Lane;
use super::links::Links;
use super::listen::Listening;
use super::op::Op;
use super::read::{self, Read};
use super::shared::Shared;
use super::state::Unready;

/// One Redis server; see the [module docs](crate::wire). Clones are the same wire. The home thread ends
/// with the last of them and of its [`Listening`]s.
#[derive(Clone)]
pub(crate) struct Wire(Arc<Inner>);

/// A wire that does not keep the home thread running. What is spawned there and lives as long as the
/// wire holds this one, or it would never end.
#[derive(Clone)]
pub(crate) struct WeakWire(Weak<Inner>);

struct Inner {
    home: Arc<Home>,
    shared: Arc<Shared>,
    links: Arc<Links>,
    ticker: Arc<Ticker>,
}

impl Wire {
    /// A wire to the server of `settings`. It connects with the first call.
    pub(crate) fn new(settings: &RedisSettings, clock: &Clock) -> Self {
        let shared = Arc::new(Shared::new(settings, clock));
        let links = Links::new(Arc::clone(&shared), settings.max_connections);
        Self(Arc::new(Inner {
            home: Arc::default(),
            shared,
            links: Arc::new(links),
            ticker: Arc::default(),
        }))
    }

    /// What the server answers to `op`.
    ///
    /// # Errors
    /// *Unavailable*, *timeout* or *refused*, as the [module docs](crate::wire) tell.
    ///
    /// # Cancellation
    /// Dropped before it is polled, nothing is sent; later, it may have been.
    pub(crate) fn one(
        &self,
        lane: Lane,
        op: Op,
    ) -> impl Future<Output = Result<Value, Error>> + Send + '_ {
        let one = One::from(op);
        async move {
            let Inner { shared, links, .. } = &*self.0;
            self.0.wake()?;
            match one.ask(shared, links, lane).await {
                Ok(value) => Ok(value),
                Err(Unready::Failed(error)) => Err(error),
                Err(Unready::Elsewhere) => {
                    let (shared, links) = (Arc::clone(shared), Arc::clone(links));
                    self.elsewhere(async move { one.ask(&shared, &links, lane).await })
                        .await
                }
            }
        }
    }

    /// What lies under `key`. Those who ask at once ask together, in one command.
    ///
    /// # Errors
    /// Those of [`one`](Self::one), for each by itself.
    ///
    /// # Cancellation
    /// That of [`one`](Self::one). Those it was asked with have their answers.
    pub(crate) async fn read(&self, lane: Lane, key: &Bytes) -> Result<Read, Error> {
        let Inner { shared, links, .. } = &*self.0;
        self.0.wake()?;
        match read::read(key, shared, links, lane).await {
            Ok(read) => Ok(read),
            Err(Unready::Failed(error)) => Err(error),
            Err(Unready::Elsewhere) => {
                let (key, shared, links) = (key.clone(), Arc::clone(shared), Arc::clone(links));
                self.elsewhere(async move { read::read(&key, &shared, &links, lane).await })
                    .await
            }
        }
    }

    /// What the server answers to each of `ops`: one write, one round trip, in order. Only scripts that
    /// the server did not know run after the others, in a second round trip.
    ///
    /// # Errors
    /// Those of [`one`](Self::one), for each by itself; the outer one when nothing is known about any.
    ///
    /// # Cancellation
    /// That of [`one`](Self::one).
    pub(crate) fn batch(
        &self,
        lane: Lane,
        ops: Vec<Op>,
    ) -> impl Future<Output = Result<Vec<Result<Value, Error>>, Error>> + Send + '_ {
        let batch = Batch::from(ops);
        async move {
            let Inner { shared, links, .. } = &*self.0;
            self.0.wake()?;
            if batch.is_empty() {
                return Ok(Vec::new());
            }
            match batch.ask(shared, links, lane).await {
                Ok(answers) => Ok(answers),
                Err(Unready::Failed(error)) => Err(error),
                Err(Unready::Elsewhere) => {
                    let (shared, links) = (Arc::clone(shared), Arc::clone(links));
                    self.elsewhere(async move { batch.ask(&shared, &links, lane).await })
                        .await
                }
            }
        }
    }

    /// A call that cannot be made on the runtime of its caller. Boxed, since most calls are not.
    fn elsewhere<T, F>(
        &self,
        call: F,
    ) -> Pin<Box<dyn Future<Output = Result<T, Error>> + Send + '_>>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Unready>> + Send + 'static,
    {
        Box::pin(async move {
            match self.at_home(call).await? {
                Ok(value) => Ok(value),
                Err(Unready::Failed(error)) => Err(error),
                Err(Unready::Elsewhere) => Err(Away::NoThread.error()),
            }
        })
    }

    /// Runs `future` on the home thread and waits for it.
    ///
    /// # Errors
    /// *Unavailable* when the thread cannot start, and when `future` panicked.
    ///
    /// # Cancellation
    /// Dropped after it was polled, `future` runs on.
    pub(crate) async fn at_home<F>(&self, future: F) -> Result<F::Output, Error>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let home = self.0.home().ok_or_else(|| Away::NoThread.error())?;
        // a caller that blocks on this inside a task may have used up the task's budget, which is not
        // renewed while it blocks
        let task = unconstrained(home.spawn(future));
        task.await.map_err(|_| Away::Failed.error())
    }

    /// Whether this is asked on the home thread, where nobody's caller waits.
    pub(crate) fn is_at_home(&self) -> bool {
        self.0.links.is_home()
    }

    /// Runs `future` on the home thread. It is dropped when the thread ends, and when it cannot start.
    pub(crate) fn spawn<F>(&self, future: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if let Some(home) = self.0.home() {
            home.spawn(future);
        }
    }

    /// Tells `hearer` what is published, until the answer is dropped.
    pub(crate) fn listen(&self, to: Interest, hearer: Arc<dyn Hearer>) -> Listening {
        // where it cannot start now it listens as soon as a call has started it
        let _ = self.0.home();
        let (home, shared) = (Arc::clone(&self.0.home), Arc::clone(&self.0.shared));
        Listening::start(home, shared, to, hearer)
    }

    /// A handle that does not keep the home thread running.
    pub(crate) fn downgrade(&self) -> WeakWire {
        WeakWire(Arc::downgrade(&self.0))
    }

    /// When an operation that is sent now is given up, by the server's calendar: not earlier, and later by
    /// as much as may be wrong about what is known of that. `None` where nothing is.
    pub(crate) fn latest(&self) -> Option<Duration> {
        let Shared { clock, timing, .. } = &*self.0.shared;
        self.0.shared.server_clock.latest(timing.deadline, clock)
    }

    /// The server's calendar, as time since 1970; `None` before it was learnt well enough to go by, or
    /// when its user may not ask for it.
    pub(crate) fn server_now(&self) -> Option<Duration> {
        self.0.shared.server_clock.now(&self.0.shared.clock)
    }

    /// Whether it knows the server's calendar well enough to go by.
    pub(crate) fn knows_server_time(&self) -> bool {
        self.0.shared.server_clock.is_known()
    }

    /// Where it gets the time from.
    pub(crate) fn clock(&self) -> &Clock {
        &self.0.shared.clock
    }

    /// How the server was last seen, and what was done. It asks nobody.
    pub(crate) fn state(&self) -> WireState {
        let Shared {
            breaker, counts, ..
        } = &*self.0.shared;
        WireState {
            seen: breaker.has_answered(),
            away: breaker.why().map(|(why, since)| (why.as_str(), since)),
            operations: counts.operations.total(),
            timeouts: counts.timeouts.total(),
            refused: counts.refused.total(),
            connects: counts.connects.total(),
            losses: counts.losses.total(),
        }
    }
}

impl WeakWire {
    /// The wire, if somebody else still holds it.
    pub(crate) fn upgrade(&self) -> Option<Wire> {
        self.0.upgrade().map(Wire)
    }
}

impl fmt::Debug for WeakWire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakWire").finish_non_exhaustive()
    }
}

impl Inner {
    /// A call begins: somebody has to count its deadline.
    fn wake(&self) -> Result<(), Error> {
        if self.ticker.touch() && self.home().is_none() {
            self.ticker.forget();
            return Err(Away::NoThread.error());
        }
        Ok(())
    }

    fn home(&self) -> Option<Handle> {
        let first = |home: &Handle| keeper::start(home, &self.shared, &self.links, &self.ticker);
        self.home.runtime(first)
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").finish_non_exhaustive()
    }
}
