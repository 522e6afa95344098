//! The one thread of our own: it counts deadlines, probes, listens, and serves callers without a
//! runtime.

use std::future::Future;
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread::{self, ThreadId};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::coop::unconstrained;

/// A thread with a Tokio runtime. It starts when it is first needed and ends when this is dropped,
/// whatever still runs on it; nobody waits for that, so it may be dropped anywhere, even by one of its
/// own tasks.
#[derive(Debug, Default)]
pub(super) struct Home(Mutex<Option<Started>>);

#[derive(Debug)]
struct Started {
    runtime: Handle,
    thread: ThreadId,
    // dropped with this, which ends the thread
    _stop: oneshot::Sender<()>,
}

impl Home {
    /// Its runtime. `first` is called once, when the thread has started and before anybody else gets
    /// its runtime. `None` when it cannot start.
    pub(super) fn runtime(&self, first: impl FnOnce(&Handle)) -> Option<Handle> {
        let mut started = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(started) = &*started {
            return Some(started.runtime.clone());
        }
        let new = start()?;
        let runtime = new.runtime.clone();
        first(&runtime);
        *started = Some(new);
        Some(runtime)
    }

    fn is_current(&self) -> bool {
        let started = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        started
            .as_ref()
            .is_some_and(|started| started.thread == thread::current().id())
    }

    /// Runs `future` on `runtime`, which is its own, and blocks until it is done; from any thread, also
    /// one that drives a runtime. A panic in it goes on here.
    pub(super) fn block_on<F>(&self, runtime: &Handle, future: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        if self.is_current() {
            return aside(future);
        }
        let task = runtime.spawn(future);
        // a caller inside a task may have used up its budget, which is not renewed while it blocks
        match pollster::block_on(unconstrained(task)) {
            Ok(output) => output,
            Err(error) => resume_unwind(match error.try_into_panic() {
                Ok(panic) => panic,
                Err(_) => Box::new("the thread that talks to Redis has ended"),
            }),
        }
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
        // a look-up of a name may hang, and nobody needs its answer any more
        runtime.shutdown_background();
    };
    let named = thread::Builder::new().name("tower-redis".to_owned());
    let thread = named.spawn(run).ok()?.thread().id();
    Some(Started {
        runtime: told.recv().ok()?,
        thread,
        _stop: stop,
    })
}

/// Blocks on `future` while the calling thread is the one that would have to run it.
fn aside<F>(future: F) -> F::Output
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let (tell, told) = mpsc::sync_channel(1);
    let run = move || {
        let runtime = Builder::new_current_thread().enable_all().build();
        let output = match runtime {
            Ok(runtime) => runtime.block_on(future),
            Err(_) => pollster::block_on(future),
        };
        // nobody waits any more only when the waiting thread is gone
        let _ = tell.send(output);
    };
    match thread::Builder::new().spawn(run) {
        Ok(thread) => match (told.recv(), thread.join()) {
            (Ok(output), _) => output,
            (Err(_), Err(panic)) => resume_unwind(panic),
            (Err(_), Ok(())) => resume_unwind(Box::new("a thread ended without its result")),
        },
        Err(_) => resume_unwind(Box::new("no thread could be started")),
    }
}
