//! From a connection that listens to its end.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use redis::Cmd;
use redis::aio::MultiplexedConnection;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::connection::{self, Connection};
use super::ear::Ear;
use super::fault::Away;
use super::set::Set;
use super::shared::Shared;
use super::wanted::{Current, Wanted};

/// Between two questions whether anybody is there, and how long each may take: what was last known is
/// never older than both together.
const PING: Duration = Duration::from_secs(1);
/// After this time what the server refused is asked for again.
const REFUSED: Duration = Duration::from_secs(5);
/// Channels in one SUBSCRIBE.
const AT_ONCE: usize = 1_000;

/// Connects, subscribes to `set` and to what is wanted later, and returns when the connection ends or
/// nobody answers any more.
pub(super) async fn session(
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
    let connection = Connection::start(mux, driver, move || end.notify_one());
    shared.counts.connects.bump();
    wanted.become_(Some(Current {
        ear: Arc::clone(ear),
        mux: connection.mux(),
    }));

    let mut asking = Asking {
        mux: connection.mux(),
        wanted,
        limit: connect,
        asked: Set::default(),
        refused: Set::default(),
    };
    asking.change_to(set).await?;
    let pinging = ping(shared, connection.mux(), ear);
    first(first(pinging, asking.follow()), async {
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
            Ok(Ok(_)) => ear.alive(sent),
            Ok(Err(error)) => return Err(Away::of(&error)),
            Err(_) => return Err(Away::Silent),
        }
        next.await;
    }
}

/// What one connection is told to listen to.
struct Asking<'a> {
    mux: MultiplexedConnection,
    wanted: &'a Wanted,
    /// How long one answer may take.
    limit: Duration,
    /// What it was told, and what of that the server refused.
    asked: Set,
    refused: Set,
}

impl Asking<'_> {
    /// Subscribes and unsubscribes as what is wanted changes.
    async fn follow(mut self) -> Result<(), Away> {
        let wanted = self.wanted;
        loop {
            let changed = wanted.changed.notified();
            let next = wanted.set().clone();
            if next != self.asked {
                self.change_to(next).await?;
            } else if self.refused.is_empty() {
                changed.await;
            } else if timeout(REFUSED, changed).await.is_err() {
                // a right may have been given meanwhile
                let refused = std::mem::take(&mut self.refused);
                self.add(&refused).await?;
            }
        }
    }

    /// Tells the server what is different in `next`.
    async fn change_to(&mut self, next: Set) -> Result<(), Away> {
        self.add(&next.without(&self.asked)).await?;
        let gone = self.asked.without(&next);
        let heard = gone.without(&self.refused);
        let channels: Vec<_> = heard.channels.into_iter().collect();
        for channels in channels.chunks(AT_ONCE) {
            granted(self.limit, self.mux.unsubscribe(channels)).await?;
        }
        if heard.everything {
            granted(self.limit, self.mux.punsubscribe("*")).await?;
        }
        self.refused = self.refused.within(&next);
        self.asked = next;
        Ok(())
    }

    async fn add(&mut self, added: &Set) -> Result<(), Away> {
        let mut refused = Set::default();
        let channels: Vec<_> = added.channels.iter().collect();
        // one that is refused makes the server refuse all that are named with it
        let mut open: Vec<_> = channels.chunks(AT_ONCE).collect();
        while let Some(channels) = open.pop() {
            if granted(self.limit, self.mux.subscribe(channels)).await? {
                continue;
            }
            match channels {
                [one] => {
                    refused.channels.insert((*one).clone());
                }
                several => {
                    let (one, other) = several.split_at(several.len() / 2);
                    open.extend([one, other]);
                }
            }
        }
        if added.everything {
            refused.everything = !granted(self.limit, self.mux.psubscribe("*")).await?;
        }
        self.wanted.is_refused(&refused);
        self.refused.channels.append(&mut refused.channels);
        self.refused.everything |= refused.everything;
        Ok(())
    }
}

/// Whether the server does it, or refuses it for a right that is missing.
async fn granted(
    limit: Duration,
    asked: impl Future<Output = redis::RedisResult<()>>,
) -> Result<bool, Away> {
    match timeout(limit, asked).await {
        Ok(Ok(())) => Ok(true),
        Ok(Err(error)) if error.code() == Some("NOPERM") => Ok(false),
        Ok(Err(error)) => Err(Away::of(&error)),
        Err(_) => Err(Away::Silent),
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
