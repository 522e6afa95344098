//! The one thread of our own that lasts: it counts deadlines, probes, listens, and serves callers without a
//! runtime.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A thread with a Tokio runtime. It starts when it is first needed and ends when this is dropped,
/// whatever still runs on it; nobody waits for that, so it may be dropped anywhere, even by one of its
/// own tasks.
#[derive(Default)]
pub(super) struct Home(Mutex<State>);

#[derive(Default)]
struct State {
    started: Option<Started>,
    /// What runs once it has started.
    waiting: Vec<Task>,
}

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Started {
    runtime: Handle,
    // dropped with this, which ends the thread
    _stop: oneshot::Sender<()>,
}

impl Home {
    /// Its runtime. `first` is called once, when the thread has started and before anybody else gets
    /// its runtime. `None` when it cannot start.
    pub(super) fn runtime(&self, first: impl FnOnce(&Handle)) -> Option<Handle> {
        let mut state = self.state();
        if let Some(started) = &state.started {
            return Some(started.runtime.clone());
        }
        let new = start()?;
        let runtime = new.runtime.clone();
        first(&runtime);
        state.started = Some(new);
        for task in std::mem::take(&mut state.waiting) {
            runtime.spawn(task);
        }
        Some(runtime)
    }

    /// Runs `task` there, now or when it has started: one that cannot start may do so later.
    pub(super) fn run(&self, task: Task) {
        let mut state = self.state();
        match &state.started {
            Some(started) => drop(started.runtime.spawn(task)),
            None => state.waiting.push(task),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn start() -> Option<Started> {
    let (stop, stopped) = oneshot::channel();
    let (tell, told) = mpsc::sync_channel(1);
    let run = move || {
        let Ok(runtime) = Builder::new_current_thread().enable_all().build() else {
            return;
        };
        if tell.send(runtime.handle().clone()).is_ok() {
            // that it is dropped is the signal
            let _ = runtime.block_on(stopped);
        }
    };
    let named = thread::Builder::new().name("tower-redis".to_owned());
    named.spawn(run).ok()?;
    Some(Started {
        runtime: told.recv().ok()?,
        _stop: stop,
    })
}
