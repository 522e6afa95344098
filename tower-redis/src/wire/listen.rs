//! The loop that hears what is published: connect, subscribe, ask every second whether anybody is still
//! there, and begin again when nobody is.

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, Pipeline, Value};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use crate::error::Error;

use super::connection::{self, Connection};
use super::ear::Ear;
use super::fault::{self, Away};
use super::hearer::{Hearer, Interest};
use super::home::Home;
use super::shared::Shared;
use super::timing::Pauses;

/// Between two questions whether anybody is there, and how long each may take: what was last known is
/// never older than both together.
const PING: Duration = Duration::from_secs(1);
/// Between two attempts to connect, once some have failed.
const RETRY: Duration = Duration::from_millis(200);
/// The same when the server is there and does not let us listen.
const LOCKED_OUT: Duration = Duration::from_secs(1);
/// Channels in one SUBSCRIBE.
const AT_ONCE: usize = 1_000;

/// A running loop; it ends when this is dropped. It keeps the home thread running.
pub(crate) struct Listening {
    shared: Arc<Shared>,
    wanted: Arc<Wanted>,
    task: Option<AbortHandle>,
    _home: Arc<Home>,
}

#[derive(Default)]
struct Wanted {
    set: Mutex<Set>,
    changed: Notify,
    current: Mutex<Option<Current>>,
}

/// The connection that listens now.
#[derive(Clone)]
struct Current {
    ear: Arc<Ear>,
    mux: MultiplexedConnection,
}

#[derive(Default, Clone, PartialEq, Eq)]
struct Set {
    channels: BTreeSet<Vec<u8>>,
    everything: bool,
}

impl Listening {
    pub(super) fn start(
        runtime: Option<&Handle>,
        home: Arc<Home>,
        shared: Arc<Shared>,
        to: Interest,
        hearer: Arc<dyn Hearer>,
    ) -> Self {
        let set = match to {
            Interest::Channels(channels) => Set {
                channels: channels.into_iter().collect(),
                everything: false,
            },
            Interest::Everything => Set {
                channels: BTreeSet::new(),
                everything: true,
            },
        };
        let wanted = Arc::new(Wanted {
            set: Mutex::new(set),
            ..Wanted::default()
        });
        let task = runtime.map(|runtime| {
            let (shared, wanted) = (Arc::clone(&shared), Arc::clone(&wanted));
            runtime.spawn(async move { for_ever(&shared, &wanted, &hearer).await })
        });
        Self {
            shared,
            wanted,
            task: task.map(|task| task.abort_handle()),
            _home: home,
        }
    }

    /// From now on also listens to `channel`; [`hears`](Self::hears) tells whether it does already.
    pub(crate) fn subscribe(&self, channel: &[u8]) {
        self.want(|set| set.channels.insert(channel.to_vec()));
    }

    /// No longer listens to `channel`. Messages that are under way may still come.
    pub(crate) fn unsubscribe(&self, channel: &[u8]) {
        self.want(|set| set.channels.remove(channel));
    }

    /// Whether it listens to every channel, besides those it was told.
    pub(crate) fn everything(&self, everything: bool) {
        self.want(|set| std::mem::replace(&mut set.everything, everything) != everything);
    }

    /// Whether what is published on `channel` now is going to be heard.
    pub(crate) fn hears(&self, channel: &[u8]) -> bool {
        let current = self.wanted.current();
        current.is_some_and(|current| current.ear.hears(channel))
    }

    /// Publishes over the connection that listens. When it succeeds and the channel is heard, the hearer
    /// has been handed the message, and all that were published before it: the question that is sent
    /// behind it is answered behind it. On the home thread.
    ///
    /// # Errors
    /// *Unavailable* when no connection listens; *timeout* and *refused* as for any call.
    pub(crate) fn publish(
        &self,
        channel: &[u8],
        payload: &[u8],
    ) -> impl Future<Output = Result<(), Error>> + Send + use<> {
        let mut pipeline = Pipeline::new();
        pipeline.cmd("PUBLISH").arg(channel).arg(payload);
        pipeline.cmd("PING");
        let (shared, current) = (Arc::clone(&self.shared), self.wanted.current());
        async move {
            let mut mux = current.ok_or_else(|| Away::Ended.error())?.mux;
            let sent = mux.send_packed_commands(&pipeline, 0, 2);
            shared.counts.operations.bump();
            match timeout(shared.timing.deadline, sent).await {
                Ok(Ok(answers)) => match answers.into_iter().next() {
                    Some(Value::ServerError(error)) => Err(fault::answered("PUBLISH", &error)),
                    _ => Ok(()),
                },
                Ok(Err(_)) => {
                    shared.counts.timeouts.bump();
                    Err(fault::cut_off("PUBLISH"))
                }
                Err(_) => {
                    shared.counts.timeouts.bump();
                    Err(fault::too_late("PUBLISH"))
                }
            }
        }
    }

    fn want(&self, change: impl FnOnce(&mut Set) -> bool) {
        let changed = change(&mut self.wanted.set());
        if changed {
            self.wanted.changed.notify_one();
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
        // the task ends soon, and what comes until then is not wanted any more
        if let Some(current) = self.wanted.current() {
            current.ear.mute();
        }
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listening").finish_non_exhaustive()
    }
}

impl Wanted {
    fn set(&self) -> MutexGuard<'_, Set> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn current(&self) -> Option<Current> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.clone()
    }

    fn become_(&self, next: Option<Current>) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *current, next);
        drop(current);
        drop(old);
    }

    /// Waits until there is something to listen to.
    async fn something(&self) -> Set {
        loop {
            let changed = self.changed.notified();
            let set = self.set().clone();
            if set != Set::default() {
                return set;
            }
            changed.await;
        }
    }
}

async fn for_ever(shared: &Arc<Shared>, wanted: &Wanted, hearer: &Arc<dyn Hearer>) {
    let mut pauses = Pauses::up_to(RETRY);
    loop {
        let set = wanted.something().await;
        let ear = Arc::new(Ear::new(Arc::clone(hearer), set.len()));
        let ended = session(shared, wanted, set, &ear).await;
        wanted.become_(None);
        if ear.close() {
            shared.counts.losses.bump();
            pauses = Pauses::up_to(RETRY);
        }
        match ended {
            Err(why) if why.is_locked_out() => pauses.slow_down(LOCKED_OUT),
            Ok(()) | Err(_) => {}
        }
        shared.doubt.notify_one();
        sleep(pauses.next().unwrap_or(RETRY)).await;
    }
}

/// From a connection to its end.
async fn session(
    shared: &Arc<Shared>,
    wanted: &Wanted,
    set: Set,
    ear: &Arc<Ear>,
) -> Result<(), Away> {
    let hears = Arc::clone(ear);
    let pushed = Box::new(move |info| {
        hears.hear(info);
        Ok(())
    });
    let connect = shared.timing.connect;
    let opened = connection::open(&shared.target, Some(pushed));
    let (mux, driver) = timeout(connect, opened)
        .await
        .unwrap_or(Err(Away::Silent))?;
    let ended = Arc::new(Notify::new());
    let end = Arc::clone(&ended);
    let driver = tokio::spawn(async move {
        driver.await;
        end.notify_one();
    });
    let connection = Connection::new(mux, driver.abort_handle());
    shared.counts.connects.bump();
    wanted.become_(Some(Current {
        ear: Arc::clone(ear),
        mux: connection.mux(),
    }));

    let mut subscribing = connection.mux();
    let nothing = Set::default();
    timeout(connect, change(&mut subscribing, &nothing, &set))
        .await
        .unwrap_or(Err(Away::Silent))?;
    let pinging = ping(shared, connection.mux(), ear);
    let following = follow(connection.mux(), wanted, set, connect);
    first(first(pinging, following), async {
        ended.notified().await;
        Err(Away::Ended)
    })
    .await
}

/// Asks again and again; returns when there was no answer.
async fn ping(shared: &Shared, mut mux: MultiplexedConnection, ear: &Ear) -> Result<(), Away> {
    loop {
        let sent = shared.clock.coarse();
        let next = sleep(PING);
        match timeout(
            PING,
            mux.send_packed_command(&Cmd::new().arg("PING").take()),
        )
        .await
        {
            // a right that is missing is an answer, too
            Ok(Ok(_)) => ear.hearer().alive(sent),
            Ok(Err(error)) => return Err(Away::of(&error)),
            Err(_) => return Err(Away::Silent),
        }
        next.await;
    }
}

/// Subscribes and unsubscribes as what is wanted changes.
async fn follow(
    mut mux: MultiplexedConnection,
    wanted: &Wanted,
    mut current: Set,
    limit: Duration,
) -> Result<(), Away> {
    loop {
        let changed = wanted.changed.notified();
        let next = wanted.set().clone();
        if next == current {
            changed.await;
            continue;
        }
        timeout(limit, change(&mut mux, &current, &next))
            .await
            .unwrap_or(Err(Away::Silent))?;
        current = next;
    }
}

/// Tells the server what changed from `old` to `new`.
async fn change(mux: &mut MultiplexedConnection, old: &Set, new: &Set) -> Result<(), Away> {
    let away = |error: redis::RedisError| {
        if error.code() == Some("NOPERM") {
            tracing::warn!(
                "Redis refused SUBSCRIBE: NOPERM (its user lacks the right to a channel)"
            );
        }
        Away::of(&error)
    };
    let added: Vec<&Vec<u8>> = new.channels.difference(&old.channels).collect();
    for channels in added.chunks(AT_ONCE) {
        mux.subscribe(channels).await.map_err(away)?;
    }
    let removed: Vec<&Vec<u8>> = old.channels.difference(&new.channels).collect();
    for channels in removed.chunks(AT_ONCE) {
        mux.unsubscribe(channels).await.map_err(away)?;
    }
    match (old.everything, new.everything) {
        (false, true) => mux.psubscribe("*").await.map_err(away),
        (true, false) => mux.punsubscribe("*").await.map_err(away),
        _ => Ok(()),
    }
}

/// The first of two to be done.
async fn first<T>(one: impl Future<Output = T>, other: impl Future<Output = T>) -> T {
    let (mut one, mut other) = (pin!(one), pin!(other));
    std::future::poll_fn(move |cx| match one.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(output),
        Poll::Pending => other.as_mut().poll(cx),
    })
    .await
}

impl Set {
    fn len(&self) -> usize {
        self.channels.len() + usize::from(self.everything)
    }
}
