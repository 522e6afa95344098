//! Who waits for whom, so that loads which need each other do not wait for ever.
//!
//! A load may look up other keys, and those loads others again. If such a chain comes back to a load
//! that is waiting for it, waiting would never end: the lookup must run its load itself instead. That
//! is plain when the chain stays in one task (the loads being polled are on a stack), and it can span
//! tasks (`a` needs `b` while another task's `b` needs `a`). So a load that starts to wait first writes
//! down for whom, then looks whether the one it waits for leads back to itself. Each side writes
//! before it looks; hence of two that close a circle at the same instant at least one sees it.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::slice;
use std::sync::{Arc, PoisonError, Weak};
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::sync::Notify;

use crate::sync::{Local, Mutex, MutexGuard};

/// One running load.
#[derive(Debug, Default)]
pub(crate) struct Node {
    waits_for: Mutex<Vec<Weak<Node>>>,
    /// Another load has come to wait for it.
    needed: Notify,
}

thread_local! {
    // The loads whose code is running on this thread right now, outermost first.
    static RUNNING: Local<Vec<Arc<Node>>> = const { Local::new(Vec::new()) };
}

fn running() -> Vec<Arc<Node>> {
    RUNNING
        .try_with(|running| running.with(|stack| stack.clone()))
        .unwrap_or_default()
}

/// Whether the caller is part of a load.
pub(crate) fn is_within_load() -> bool {
    RUNNING
        .try_with(|running| running.with(|stack| !stack.is_empty()))
        .unwrap_or(false)
}

/// Runs `f` as part of all of these loads.
fn run_all<R>(nodes: &[Arc<Node>], f: impl FnOnce() -> R) -> R {
    struct Pop(usize);
    impl Drop for Pop {
        fn drop(&mut self) {
            // what is dropped here is no user's
            let pop = |stack: &mut Vec<_>| stack.truncate(stack.len().saturating_sub(self.0));
            let _ = RUNNING.try_with(|running| running.with(pop));
        }
    }
    let push = |stack: &mut Vec<_>| stack.extend_from_slice(nodes);
    let pushed = RUNNING.try_with(|running| running.with(push));
    let _pop = pushed.ok().map(|()| Pop(nodes.len()));
    f()
}

/// `future`, polled as part of all of these loads.
pub(crate) async fn around_all<F: Future>(nodes: Vec<Arc<Node>>, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| run_all(&nodes, || future.as_mut().poll(cx))).await
}

/// Makes `work`, to be run by a task of its own, part of the loads that the caller is part of.
///
/// A load that looks its own key up runs it again, and loads that need each other run theirs: nobody waits in a
/// circle. That is seen of what the load itself polls, `join!` and `select!` included. It is not seen of a task that
/// it starts and waits for: a lookup there of the key that is loaded waits for that load, which waits for it.
///
/// ```
/// # use std::convert::Infallible;
/// # use tower_redis::Toolkit;
/// use tower_redis::cache::part_of_load;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let numbers = Toolkit::in_memory().cache::<u64, u64>("numbers").build()?;
/// let (inner, load) = (numbers.clone(), || async { Ok::<_, Infallible>(6) });
/// let found = numbers.get_or_load(&1, || async move {
///     // without it this would never end
///     let task = tokio::spawn(part_of_load(async move { inner.get_or_load(&1, load).await }));
///     task.await.map(|n| n.unwrap_or_default() + 1)
/// });
/// assert_eq!(found.await?, 7);
/// # Ok(())
/// # }
/// ```
///
/// Threads that a load waits for (`spawn_blocking`) cannot be made part of it. Where such a one may need the key,
/// give the load a limit: [`within`](super::within).
///
/// # Cancellation
/// As with `work`.
pub fn part_of_load<F: Future>(work: F) -> impl Future<Output = F::Output> {
    around_all(running(), work)
}

impl Node {
    /// Runs `f` as part of this load.
    pub(crate) fn run<R>(self: &Arc<Self>, f: impl FnOnce() -> R) -> R {
        run_all(slice::from_ref(self), f)
    }

    /// `future`, polled as part of this load.
    pub(crate) fn around<F: Future>(self: &Arc<Self>, future: F) -> Running<F> {
        Running {
            node: Arc::clone(self),
            future,
        }
    }

    /// Waits until another load has come to wait for this one. It has a say in what this one may wait for.
    pub(crate) async fn needed(&self) {
        self.needed.notified().await;
    }

    /// Asks to wait for this load. `None` when the caller is itself what this load waits for.
    pub(crate) fn wait(self: &Arc<Self>) -> Option<Waiting> {
        let waiters = running();
        let waiting = Waiting {
            on: Arc::clone(self),
            waiters,
        };
        for waiter in &waiting.waiters {
            waiter.edges().push(Arc::downgrade(self));
        }
        let circular = !waiting.waiters.is_empty() && self.reaches(&waiting.waiters);
        (!circular).then_some(waiting)
    }

    fn reaches(self: &Arc<Self>, targets: &[Arc<Node>]) -> bool {
        let mut seen: Vec<Arc<Node>> = Vec::new();
        let mut next = vec![Arc::clone(self)];
        while let Some(node) = next.pop() {
            if targets.iter().any(|target| Arc::ptr_eq(target, &node)) {
                return true;
            }
            if seen.iter().any(|known| Arc::ptr_eq(known, &node)) {
                continue;
            }
            next.extend(node.edges().iter().filter_map(Weak::upgrade));
            seen.push(node);
        }
        false
    }

    fn edges(&self) -> MutexGuard<'_, Vec<Weak<Node>>> {
        self.waits_for
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held while the loads around the caller wait for another one.
#[derive(Debug)]
pub(crate) struct Waiting {
    on: Arc<Node>,
    waiters: Vec<Arc<Node>>,
}

impl Waiting {
    /// Tells the load that is waited for if another load needs it. It wakes, so under no lock.
    pub(crate) fn insist(&self) {
        if !self.waiters.is_empty() {
            self.on.needed.notify_one();
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        for waiter in &self.waiters {
            let mut edges = waiter.edges();
            let on = Arc::as_ptr(&self.on);
            if let Some(at) = edges.iter().position(|edge| edge.as_ptr() == on) {
                edges.swap_remove(at);
            }
        }
    }
}

pin_project! {
    /// A future whose every poll counts as part of a load.
    #[derive(Debug)]
    pub(crate) struct Running<F> {
        node: Arc<Node>,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Running<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.node.run(|| this.future.poll(cx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_does_not_wait_for_itself() {
        let node = Arc::<Node>::default();
        assert!(node.wait().is_some(), "nobody is loading here");
        assert!(node.run(|| node.wait()).is_none());
        assert!(node.wait().is_some());
    }

    #[test]
    fn a_circle_through_other_tasks_is_seen() {
        let [a, b, c] = [(); 3].map(|()| Arc::<Node>::default());
        let a_waits = a.run(|| b.wait());
        let b_waits = b.run(|| c.wait());
        assert!(a_waits.is_some() && b_waits.is_some());
        assert!(c.run(|| a.wait()).is_none());
        drop(b_waits);
        assert!(c.run(|| a.wait()).is_some(), "the circle is open again");
    }

    #[test]
    fn every_load_around_the_caller_waits() {
        let [outer, inner, other] = [(); 3].map(|()| Arc::<Node>::default());
        let waits = outer.run(|| inner.run(|| other.wait()));
        assert!(waits.is_some());
        assert!(other.run(|| outer.wait()).is_none());
    }
}
