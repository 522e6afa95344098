//! The future of a request within a scope.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::scope::Scoped;

pin_project! {
    /// The answer of a [`Scoped`](super::service::Scoped) service.
    pub struct ScopedFuture<F> {
        #[pin]
        inner: Scoped<F>,
    }
}

impl<F> ScopedFuture<F> {
    pub(crate) fn new(inner: Scoped<F>) -> Self {
        Self { inner }
    }
}

impl<F: Future> Future for ScopedFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().inner.poll(cx)
    }
}

impl<F> std::fmt::Debug for ScopedFuture<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScopedFuture").finish_non_exhaustive()
    }
}
