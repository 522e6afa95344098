//! Removing what somebody else's message names: `PUBLISH cache:invalidate users:`.
//!
//! Every instance hears it and drops it near at once. One of them removes it from Redis: whoever gets a
//! claim, a key that expires, so that another one takes over when that one dies.

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
use super::wanted::Wanted;
use super::watch::Watch;

/// How long a claim lies there unless it is held for longer.
pub(super) const CLAIM: Duration = Duration::from_secs(5);

/// How often a claim is made to last longer.
const RENEW: Duration = Duration::from_secs(2);

/// How long a claim stays after all is done: who hears of it late need not do it again.
const AFTERWARDS: Duration = Duration::from_secs(1);

/// How long to wait when Redis is away.
const AWAY: Duration = Duration::from_secs(1);

/// Ends when a time is over.
pub(super) type Waiting = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Waits; a store in memory has nothing to wait with, and never goes on.
pub(super) type Pause = fn(Duration) -> Waiting;

/// Who removes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    Ours,
    /// Somebody else, who has it for so long.
    Theirs(Duration),
}

/// What it takes to remove something once in all processes.
pub(super) trait Clears: Send + Sync {
    /// The right to remove what starts with `prefix`.
    fn claim<'a>(&'a self, prefix: &'a [u8]) -> Answer<'a, Claim>;

    /// Makes the claim last for `time` from now.
    fn hold<'a>(&'a self, prefix: &'a [u8], time: Duration) -> Answer<'a, ()>;

    /// Tells every instance.
    fn say<'a>(&'a self, told: &'a Told) -> Answer<'a, ()>;

    /// Removes what matches, as `Store::remove_matching` does.
    fn clear<'a>(&'a self, pattern: &'a Pattern) -> Answer<'a, u64>;
}

/// Does what foreign messages ask for.
pub(super) struct Foreign {
    clears: Arc<dyn Clears>,
    watch: Arc<Watch>,
    spawn: Spawn,
    pause: Pause,
    itself: Weak<Self>,
    wanted: Mutex<Wanted>,
    changed: Notify,
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
            wanted: Mutex::default(),
            changed: Notify::new(),
        });
        let tender: Weak<Self> = Arc::downgrade(&foreign);
        foreign.watch.tend(tender);
        foreign
    }

    fn wants(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look_after(&self, prefix: Bytes) {
        if let Some(foreign) = self.itself.upgrade() {
            let tended = Tended { foreign, prefix };
            (self.spawn)(Box::pin(async move { tended.until_settled().await }));
        }
    }
}

/// A prefix that this instance looks after, until this is dropped.
struct Tended {
    foreign: Arc<Foreign>,
    prefix: Bytes,
}

impl Tended {
    async fn until_settled(&self) {
        while !self.foreign.wants().is_settled(&self.prefix) {
            match self.foreign.clears.claim(&self.prefix).await {
                Ok(Claim::Ours) => {
                    if self.remove().await.is_err() {
                        self.wait(AWAY).await;
                    } else {
                        self.stay().await;
                    }
                }
                Ok(Claim::Theirs(left)) => self.wait(left).await,
                Err(_) => self.wait(AWAY).await,
            }
        }
    }

    /// Does it all, and again as long as it is wanted again.
    async fn remove(&self) -> Result<(), Error> {
        let (clears, prefix) = (&self.foreign.clears, &self.prefix);
        let pattern = Pattern::prefix(prefix);
        loop {
            clears.hold(prefix, CLAIM).await?;
            clears.say(&Told::Started(prefix.clone())).await?;
            let removed = self.clear(&pattern).await?;
            // nobody hears an echo
            self.foreign.watch.tell(Heard::Matching(&pattern));
            clears.say(&Told::Done(prefix.clone())).await?;
            tracing::info!(
                prefix = %shown(prefix),
                removed,
                "removed what was published on `cache:invalidate`"
            );
            if !self.foreign.wants().is_wanted(prefix) {
                return clears.hold(prefix, AFTERWARDS).await;
            }
        }
    }

    async fn clear(&self, pattern: &Pattern) -> Result<u64, Error> {
        let clears = &self.foreign.clears;
        let mut clearing = pin!(clears.clear(pattern));
        loop {
            match either(clearing.as_mut(), (self.foreign.pause)(RENEW)).await {
                Either::First(cleared) => return cleared,
                Either::Second => clears.hold(&self.prefix, CLAIM).await?,
            }
        }
    }

    /// Keeps the claim a little longer, and starts over when it is wanted again.
    async fn stay(&self) {
        let mut over = (self.foreign.pause)(AFTERWARDS);
        loop {
            let mut changed = pin!(self.foreign.changed.notified());
            changed.as_mut().enable();
            if self.foreign.wants().is_wanted(&self.prefix) {
                // a failure is seen by who claims it again
                let _ = self.remove().await;
                over = (self.foreign.pause)(AFTERWARDS);
            }
            if let Either::Second = either(changed, over.as_mut()).await {
                return;
            }
        }
    }

    /// Waits for `time`, or until it is settled.
    async fn wait(&self, time: Duration) {
        let mut over = (self.foreign.pause)(time);
        loop {
            let mut changed = pin!(self.foreign.changed.notified());
            changed.as_mut().enable();
            if self.foreign.wants().is_settled(&self.prefix) {
                return;
            }
            if let Either::Second = either(changed, over.as_mut()).await {
                return;
            }
        }
    }
}

impl Drop for Tended {
    fn drop(&mut self) {
        self.foreign.wants().leave(&self.prefix);
    }
}

impl Tends for Foreign {
    fn wanted(&self, prefix: &Bytes) {
        let mine = self.wants().want(prefix);
        self.changed.notify_waiters();
        if mine {
            self.look_after(prefix.clone());
        }
    }

    fn started(&self, prefix: &Bytes) {
        self.wants().start(prefix);
    }

    fn done(&self, prefix: &Bytes) {
        self.wants().finish(prefix);
        self.changed.notify_waiters();
    }

    // whatever nobody looks after any more, such as where a runtime has ended
    fn alive(&self) {
        let alone = self.wants().take_over();
        alone.into_iter().for_each(|prefix| self.look_after(prefix));
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

/// What of a prefix may be shown: what follows the last `:` may be a secret.
fn shown(prefix: &[u8]) -> String {
    match prefix.iter().rposition(|byte| *byte == b':') {
        Some(at) if at + 1 == prefix.len() => prefix.escape_ascii().to_string(),
        Some(at) => {
            let start = prefix.get(..=at).unwrap_or_default();
            format!(
                "{} and {} bytes",
                start.escape_ascii(),
                prefix.len() - at - 1
            )
        }
        None => format!("{} bytes", prefix.len()),
    }
}

impl fmt::Debug for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Foreign").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_last_colon_is_not_shown() {
        assert_eq!(shown(b"users:"), "users:");
        assert_eq!(shown(b"session:canary"), "session: and 6 bytes");
        assert_eq!(shown(b"canary"), "6 bytes");
    }
}
