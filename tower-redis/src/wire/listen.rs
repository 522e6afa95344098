//! The loop that hears what is published: connect, subscribe, ask every second whether anybody is still
//! there, and begin again when nobody is.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{AbortHandle, abortable};
use redis::{Pipeline, Value};
use tokio::time::{sleep, timeout};

use crate::error::Error;

use super::ear::Ear;
use super::fault::{self, Away};
use super::hearer::{Hearer, Interest};
use super::home::Home;
use super::session::session;
use super::set::Set;
use super::shared::Shared;
use super::timing::Pauses;
use super::wanted::Wanted;

/// Between two attempts to connect, once some have failed.
const RETRY: Duration = Duration::from_millis(200);
/// The same when the server is there and does not let us listen.
const LOCKED_OUT: Duration = Duration::from_secs(1);
/// A running loop; it ends when this is dropped. It keeps the home thread running.
pub(crate) struct Listening {
    shared: Arc<Shared>,
    wanted: Arc<Wanted>,
    task: AbortHandle,
    _home: Arc<Home>,
}

impl Listening {
    pub(super) fn start(
        home: Arc<Home>,
        shared: Arc<Shared>,
        to: Interest,
        hearer: Arc<dyn Hearer>,
    ) -> Self {
        let wanted = Arc::new(Wanted::from(to));
        let listens = {
            let (shared, wanted) = (Arc::clone(&shared), Arc::clone(&wanted));
            async move { for_ever(&shared, &wanted, &hearer).await }
        };
        let (listens, task) = abortable(listens);
        home.run(Box::pin(listens.map(drop)));
        Self {
            shared,
            wanted,
            task,
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

    /// Whether there is a connection that listens, or is about to.
    pub(crate) fn is_connected(&self) -> bool {
        self.wanted.current().is_some()
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
        self.task.abort();
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

async fn for_ever(shared: &Arc<Shared>, wanted: &Wanted, hearer: &Arc<dyn Hearer>) {
    let mut pauses = Pauses::up_to(RETRY);
    loop {
        let set = wanted.something().await;
        let ear = Arc::new(Ear::new(Arc::clone(hearer), set.clone()));
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
