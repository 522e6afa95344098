//! A call of a function that has `#[invalidates]`.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use tokio::task::coop::unconstrained;

use crate::cache::far::invalidate;
use crate::store::apart;

use super::stale::Stale;

/// Runs `body`. What it lends may come from what it owns, since it runs once.
pub fn call<T>(body: impl FnOnce() -> T) -> T {
    body()
}

/// What a call makes wrong, written before its body runs.
#[must_use = "it does nothing until it is told to"]
pub struct Writer<const N: usize>([Stale; N]);

impl<const N: usize> Writer<N> {
    /// A call that makes this wrong.
    pub fn new(stale: [Stale; N]) -> Self {
        Self(stale)
    }

    /// Invalidates it.
    pub async fn invalidate(&self) {
        invalidate(&self.0.each_ref().map(Stale::wrong)).await;
    }

    /// [`invalidate`](Self::invalidate) on this thread.
    pub fn invalidate_blocking(&self) {
        let _apart = apart();
        // a thread that blocks gives nothing back to the task it may be part of, so it has no budget
        pollster::block_on(unconstrained(self.invalidate()));
    }

    /// The body begins.
    pub fn begin(self) -> Writing<N> {
        Writing(Some(self))
    }

    /// As much as can be done without waiting. The rest is owed.
    fn unattended(&self) {
        let _apart = apart();
        let invalidation = pin!(unconstrained(self.invalidate()));
        let _ = invalidation.poll(&mut Context::from_waker(Waker::noop()));
    }
}

/// A call whose body is running. When this is dropped the body was, or it panicked: nobody knows what it
/// has done, so what it may have made wrong is invalidated.
#[must_use = "it invalidates when it is dropped"]
pub struct Writing<const N: usize>(Option<Writer<N>>);

impl<const N: usize> Writing<N> {
    /// The body has ended.
    ///
    /// Cancellation: dropped half-way, it is done in this process, and will be done in the others.
    pub fn end(mut self, succeeded: bool) -> impl Future<Output = ()> + Send + use<N> {
        let writer = self.0.take().filter(|_| succeeded);
        async move {
            if let Some(writer) = writer {
                writer.invalidate().await;
            }
        }
    }

    /// [`end`](Self::end) on this thread.
    pub fn end_blocking(mut self, succeeded: bool) {
        if let Some(writer) = self.0.take().filter(|_| succeeded) {
            writer.invalidate_blocking();
        }
    }
}

impl<const N: usize> Drop for Writing<N> {
    fn drop(&mut self) {
        if let Some(writer) = self.0.take() {
            writer.unattended();
        }
    }
}

impl<const N: usize> fmt::Debug for Writer<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Writer")
    }
}

impl<const N: usize> fmt::Debug for Writing<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Writing")
    }
}
