//! Tasks that outlive the call that started them, so that a shutdown can wait for them.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::scope::Scope;

/// The tasks of one toolkit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tasks {
    tracker: TaskTracker,
    ending: CancellationToken,
}

impl Tasks {
    /// Starts `task` on the caller's runtime, in the caller's scope and span. `Err` gives the task back
    /// outside a Tokio runtime and after a shutdown.
    pub(crate) fn start<F>(&self, task: F) -> Result<JoinHandle<F::Output>, F>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let Ok(runtime) = Handle::try_current() else {
            return Err(task);
        };
        if self.tracker.is_closed() {
            return Err(task);
        }
        let task = task.in_current_span();
        Ok(match Scope::current() {
            Some(scope) => self.tracker.spawn_on(scope.around(task), &runtime),
            None => self.tracker.spawn_on(task, &runtime),
        })
    }

    /// [`start`](Self::start) for what never ends by itself: a shutdown drops it.
    pub(crate) fn attend<F>(&self, task: F) -> Result<JoinHandle<Option<F::Output>>, ()>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let ending = self.ending.clone();
        let task = async move { ending.run_until_cancelled(task).await };
        self.start(task).map_err(drop)
    }

    /// Starts no more tasks and waits for those there are, at most `deadline`; answers how many still
    /// run. Outside a Tokio runtime there is nothing to tell the time by, so it does not wait there.
    pub(crate) async fn finish(&self, deadline: Duration) -> usize {
        self.tracker.close();
        self.ending.cancel();
        if self.tracker.is_empty() || Handle::try_current().is_err() {
            return self.tracker.len();
        }
        // a deadline that passes is an answer like any other
        let _ = tokio::time::timeout(deadline, self.tracker.wait()).await;
        self.tracker.len()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn a_shutdown_waits_for_what_runs_and_starts_nothing_more() {
        let tasks = Tasks::default();
        let (go, gone) = tokio::sync::oneshot::channel::<()>();
        let task = tasks.start(gone).unwrap();
        assert_eq!(tasks.finish(Duration::ZERO).await, 1);
        assert!(tasks.start(async {}).is_err());
        go.send(()).unwrap();
        assert_eq!(tasks.finish(Duration::from_secs(60)).await, 0);
        task.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_shutdown_ends_what_never_would() {
        let tasks = Tasks::default();
        let Ok(task) = tasks.attend(std::future::pending::<()>()) else {
            panic!("a runtime is there");
        };
        assert_eq!(tasks.finish(Duration::from_secs(60)).await, 0);
        assert_eq!(task.await.unwrap(), None);
        assert!(tasks.attend(std::future::ready(())).is_err());
    }

    #[tokio::test]
    async fn a_task_runs_in_the_scope_it_was_started_in() {
        let seen = Scope::of(Arc::new(7_u8)).enter(|| {
            Tasks::default().start(async { Scope::current().and_then(Scope::downcast::<u8>) })
        });
        let Ok(seen) = seen else {
            panic!("a runtime is there");
        };
        assert_eq!(seen.await.unwrap().as_deref(), Some(&7));
    }

    #[test]
    fn a_shutdown_needs_no_runtime() {
        let none = Tasks::default();
        assert_eq!(pollster::block_on(none.finish(Duration::MAX)), 0);
        let tasks = Tasks::default();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let entered = runtime.enter();
        let task = tasks.start(std::future::pending::<()>());
        drop(entered);
        assert_eq!(pollster::block_on(tasks.finish(Duration::MAX)), 1);
        assert!(task.is_ok());
        drop((task, runtime));
        assert_eq!(pollster::block_on(tasks.finish(Duration::MAX)), 0);
    }

    #[test]
    fn there_is_nowhere_to_start_outside_a_runtime() {
        assert!(Tasks::default().start(async {}).is_err());
    }
}
