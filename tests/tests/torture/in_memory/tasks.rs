//! Tasks that go on when, and only when, the run lets them.

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::log::Log;
use tests::Random;

/// The tasks of a run.
#[derive(Default)]
pub(super) struct Tasks(Vec<Task>);

struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    woken: Arc<Woken>,
    /// Whether it may be dropped half-way.
    is_read: bool,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Tasks {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn start(&mut self, is_read: bool, future: impl Future<Output = ()> + 'static) {
        self.0.push(Task {
            future: Box::pin(future),
            woken: Arc::new(Woken(AtomicBool::new(true))),
            is_read,
        });
    }

    /// Lets one of those that can go on do so. Answers whether there was one.
    pub(super) fn step(&mut self, random: &mut Random) -> bool {
        let tasks = self.0.iter().enumerate();
        let woken = tasks.filter(|(_, task)| task.woken.0.load(Ordering::Relaxed));
        let woken: Vec<usize> = woken.map(|(at, _)| at).collect();
        if woken.is_empty() {
            return false;
        }
        let at = woken[random.index(woken.len())];
        let task = &mut self.0[at];
        task.woken.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&task.woken));
        if task
            .future
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_ready()
        {
            drop(self.0.swap_remove(at));
        }
        true
    }

    /// Drops one of the reads half-way.
    pub(super) fn cancel(&mut self, random: &mut Random) {
        let tasks = self.0.iter().enumerate();
        let reads: Vec<usize> = tasks
            .filter(|(_, task)| task.is_read)
            .map(|(at, _)| at)
            .collect();
        if !reads.is_empty() {
            drop(self.0.swap_remove(reads[random.index(reads.len())]));
        }
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tasks").field("len", &self.len()).finish()
    }
}

/// Lets others go first, so often.
pub(super) async fn come_back(mut times: u64) {
    poll_fn(|cx| {
        let Some(less) = times.checked_sub(1) else {
            return Poll::Ready(());
        };
        times = less;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Does `work` for so many steps, at least one, and drops it if it has not ended by then.
pub(super) async fn cut_short(mut steps: u64, work: impl Future) {
    let mut work = pin!(work);
    poll_fn(|cx| {
        let ended = work.as_mut().poll(cx).map(drop);
        steps = steps.saturating_sub(1);
        if steps == 0 { Poll::Ready(()) } else { ended }
    })
    .await;
}

/// Those who wait for the clock.
#[derive(Debug, Clone, Default)]
pub(super) struct Sleepers(Rc<RefCell<Vec<Waker>>>);

impl Sleepers {
    /// Waits until the clock shows `time`.
    pub(super) async fn until(&self, log: &Log, time: Duration) {
        poll_fn(|cx| {
            if log.time() >= time {
                return Poll::Ready(());
            }
            self.0.borrow_mut().push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// The clock was turned.
    pub(super) fn wake(&self) {
        self.0.take().into_iter().for_each(Waker::wake);
    }
}
