//! What everybody in a history knows of it, also a load that is a task of its own.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use super::reference::Reference;

/// What is known. Clones are the same.
#[derive(Debug, Clone)]
pub(super) struct State(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    reference: Reference,
    sleepers: Vec<Waker>,
    /// What happened, where somebody is to read it.
    told: Option<Vec<String>>,
}

impl State {
    pub(super) fn new(reference: Reference, tells: bool) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            reference,
            sleepers: Vec::new(),
            told: tells.then(Vec::new),
        })))
    }

    fn inner<R>(&self, f: impl FnOnce(&mut Inner) -> R) -> R {
        // a load panics when it is to, and holds nothing then
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn with<R>(&self, f: impl FnOnce(&mut Reference) -> R) -> R {
        self.inner(|inner| f(&mut inner.reference))
    }

    /// Writes down what happens.
    pub(super) fn tell(&self, what: impl FnOnce() -> String) {
        self.inner(|inner| {
            let now = inner.reference.now;
            if let Some(told) = &mut inner.told {
                told.push(format!("{now:?}: {}", what()));
            }
        });
    }

    pub(super) fn told(&self) -> Vec<String> {
        self.inner(|inner| inner.told.take().unwrap_or_default())
    }

    /// Waits until the clock shows `time`.
    pub(super) async fn until(&self, time: Duration) {
        poll_fn(|cx| {
            self.inner(|inner| {
                if inner.reference.now >= time {
                    return Poll::Ready(());
                }
                inner.sleepers.push(cx.waker().clone());
                Poll::Pending
            })
        })
        .await;
    }

    /// The clock was turned to `now`.
    pub(super) fn pass(&self, now: Duration, quiet: bool) {
        let sleepers = self.inner(|inner| {
            inner.reference.pass(now, quiet);
            std::mem::take(&mut inner.sleepers)
        });
        sleepers.into_iter().for_each(Waker::wake);
    }
}
