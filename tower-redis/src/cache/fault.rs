//! Ways for a cache to be wrong, to see whether a test finds out.

use std::cell::Cell;
use std::future::poll_fn;
use std::task::Poll;

/// A rule that caches do not keep while their calls run on this thread. A test that passes all the same
/// tests nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CacheFault {
    /// The flight of a load ends before what it brought can be found.
    FlightEndsEarly,
    /// Those who wait for a load are not told when it is dropped.
    LostLeader,
    /// An entry is used whatever was missed since it was read.
    EpochIsNotCompared,
    /// A refresh leaves near what was there.
    RefreshLeavesNear,
    /// A refresh that may not fill leaves in Redis what is there.
    RefusedRefreshIsOver,
    /// A load under way fills over what a `put` or a refresh has left near.
    OlderLoadsFill,
    /// A `put` or a refresh whose value may not be near leaves what was fetched meanwhile.
    OlderStaysNear,
    /// What a tag has removed is served as stale.
    StaleIsRevived,
    /// A load that fails begins the stale life of what was there anew.
    CeilingMoves,
    /// What was made stale is as fresh as it was.
    ExpiredStaysFresh,
    /// Tags that come with a value are taken as they are then, not as they were before its load.
    LateTagsAreNotCompared,
    /// A load whose value is not kept leaves what was there before it.
    OlderStaysAnswer,
}

thread_local! {
    static COMMITTED: Cell<Option<CacheFault>> = const { Cell::new(None) };
}

/// As long as it lives, caches on this thread are wrong.
#[derive(Debug)]
#[must_use = "a fault ends with what `commit` returns"]
pub struct Committed(());

impl CacheFault {
    /// Breaks the rule, in place of any other one, until what is returned is dropped.
    pub fn commit(self) -> Committed {
        COMMITTED.set(Some(self));
        Committed(())
    }

    pub(super) fn is_committed(self) -> bool {
        COMMITTED.get() == Some(self)
    }
}

impl Drop for Committed {
    fn drop(&mut self) {
        COMMITTED.set(None);
    }
}

/// Lets others go first, once.
pub(super) async fn pause() {
    let mut paused = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
