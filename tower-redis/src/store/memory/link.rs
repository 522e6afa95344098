//! The way of messages from a server to one process.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Wake, Waker};

use bytes::Bytes;

use crate::store::watch::Watch;

/// A connection that carries messages, in order.
pub(super) struct Link {
    watch: Arc<Watch>,
    line: Mutex<Line>,
    /// Held by who hands over: one message after the other.
    handing: Mutex<()>,
    /// What has been started by what was heard.
    tasks: Mutex<VecDeque<Task>>,
}

/// Something in the background.
pub(super) type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

#[derive(Debug, Default)]
struct Line {
    joined: bool,
    /// Messages wait here instead of being handed over.
    held: bool,
    /// How many messages get lost.
    losing: usize,
    waiting: VecDeque<(Bytes, Bytes)>,
}

impl Link {
    pub(super) fn new(watch: Arc<Watch>) -> Self {
        Self {
            watch,
            line: Mutex::default(),
            handing: Mutex::default(),
            tasks: Mutex::default(),
        }
    }

    /// Called in the order in which the server publishes.
    pub(super) fn put(&self, channel: &Bytes, payload: &Bytes) {
        let mut line = self.line();
        if !line.joined {
            return;
        }
        if line.losing > 0 {
            line.losing -= 1;
            return;
        }
        line.waiting.push_back((channel.clone(), payload.clone()));
    }

    /// Hands over what waits, and then does what was started by it.
    pub(super) fn hand_over(&self) {
        let one_at_a_time = self.handing.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((channel, payload)) = self.next() {
            self.watch.message(&channel, &payload);
        }
        drop(one_at_a_time);
        self.run();
    }

    /// Does `task`; if something is being handed over, after that.
    pub(super) fn start(&self, task: Task) {
        self.tasks().push_back(task);
        let idle = self.handing.try_lock().is_ok();
        if idle {
            self.run();
        }
    }

    /// Does `task` the next time that something is handed over or started.
    pub(super) fn leave(&self, task: Task) {
        self.tasks().push_back(task);
    }

    // what the double does is done at once; what a test stalls is looked at again the next time
    pub(super) fn run(&self) {
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut stalled = VecDeque::new();
        loop {
            let Some(mut task) = self.tasks().pop_front() else {
                self.tasks().append(&mut stalled);
                return;
            };
            let poll = |task: &mut Task| task.as_mut().poll(&mut Context::from_waker(&waker));
            let is_pending = loop {
                let is_pending = poll(&mut task).is_pending();
                if !is_pending || !woken.0.swap(false, Ordering::Relaxed) {
                    break is_pending;
                }
            };
            if is_pending {
                stalled.push_back(task);
            }
        }
    }

    fn tasks(&self) -> std::sync::MutexGuard<'_, VecDeque<Task>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<(Bytes, Bytes)> {
        let mut line = self.line();
        if line.held {
            return None;
        }
        line.waiting.pop_front()
    }

    pub(super) fn join(&self) {
        if !std::mem::replace(&mut self.line().joined, true) {
            self.watch.connected();
        }
    }

    pub(super) fn cut(&self) {
        let mut line = self.line();
        line.waiting.clear();
        let was_joined = std::mem::replace(&mut line.joined, false);
        drop(line);
        if was_joined {
            self.watch.lost();
        }
    }

    pub(super) fn hold(&self, held: bool) {
        self.line().held = held;
    }

    pub(super) fn lose(&self, messages: usize) {
        self.line().losing += messages;
    }

    /// Whether a PING would be answered now: nothing is before it that is held back.
    pub(super) fn answers(&self) -> bool {
        let line = self.line();
        line.joined && !line.held
    }

    fn line(&self) -> std::sync::MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a task wants to come back at once.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}
