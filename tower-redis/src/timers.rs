//! Waiting with a limit, also where nothing tells the time.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::panic::catch_unwind;
use std::pin::{Pin, pin};
use std::sync::{Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::{Handle, Id};
use tokio::time::Sleep;

/// The runtimes that were last found to be without timers, newest first. Nobody is told when a runtime ends, so only a few
/// are remembered: one that was forgotten is asked again.
static TIMELESS: Mutex<VecDeque<Id>> = Mutex::new(VecDeque::new());

/// More than a program has at a time, and few enough to look through.
const REMEMBERED: usize = 16;

/// `None` outside a Tokio runtime, and in one without timers.
pub(crate) fn sleep(limit: Duration) -> Option<Sleep> {
    let runtime = Handle::try_current().ok()?.id();
    let timeless = || TIMELESS.lock().unwrap_or_else(PoisonError::into_inner);
    if timeless().contains(&runtime) {
        return None;
    }
    // A runtime does not say whether it has timers: it panics when it is asked for one. So it is asked once.
    let sleep = catch_unwind(|| tokio::time::sleep(limit)).ok();
    if sleep.is_none() {
        tracing::warn!(
            "the Tokio runtime has no timers, so nobody waits for a limited time here; expected \
             `enable_time()` where it is built"
        );
        let mut timeless = timeless();
        timeless.push_front(runtime);
        timeless.truncate(REMEMBERED);
    }
    sleep
}

/// What `work` brings, unless that takes longer than `limit`. Where nothing tells the time it takes as long as it
/// takes.
pub(crate) async fn at_most<F: Future>(
    limit: Duration,
    mut work: Pin<&mut F>,
) -> Option<F::Output> {
    let Some(sleep) = sleep(limit) else {
        return Some(work.await);
    };
    let mut sleep = pin!(sleep);
    poll_fn(|cx| {
        if let Poll::Ready(done) = work.as_mut().poll(cx) {
            return Poll::Ready(Some(done));
        }
        // the work may have used up the turn of its task, which is no reason to overlook that the time is over
        let over = pin!(tokio::task::coop::unconstrained(sleep.as_mut())).poll(cx);
        over.map(|()| None)
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::runtime::Builder;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn what_takes_longer_is_given_up() {
        assert_eq!(at_most(SECOND, pin!(async { 7 })).await, Some(7));
        assert_eq!(at_most(SECOND, pin!(pending::<()>())).await, None);
    }

    #[test]
    fn of_runtimes_without_timers_a_few_are_remembered() {
        for _ in 0..2 * REMEMBERED {
            let runtime = Builder::new_current_thread().build().unwrap();
            assert!(runtime.block_on(async { sleep(SECOND) }).is_none());
        }
        let remembered = TIMELESS.lock().unwrap().len();
        assert_eq!(remembered, REMEMBERED);
    }

    #[test]
    fn where_nothing_tells_the_time_it_takes_as_long_as_it_takes() {
        assert!(sleep(SECOND).is_none());
        let runtime = Builder::new_current_thread().build().unwrap();
        let work = async {
            assert!(sleep(SECOND).is_none());
            assert!(sleep(SECOND).is_none(), "it is asked once");
            at_most(Duration::ZERO, pin!(tokio::task::yield_now())).await
        };
        assert_eq!(runtime.block_on(work), Some(()));
    }
}
