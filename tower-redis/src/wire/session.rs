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
use super::shared::Shared;
use super::wanted::{Current, Set, Wanted};

/// Between two questions whether anybody is there, and how long each may take: what was last known is
/// never older than both together.
const PING: Duration = Duration::from_secs(1);
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
