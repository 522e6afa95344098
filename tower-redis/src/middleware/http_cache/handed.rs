//! A request that goes on without its client, for those who wait for it.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tracing::Span;

use crate::cache::flight::Awaited;
use crate::scope::Scope;
use crate::tasks::Tasks;

use super::kept::Kept;

/// Whether anybody waits for a request: known once it goes to the origin.
pub(crate) type Others = Arc<OnceLock<Awaited<Kept>>>;

/// A future whose client may leave.
pub(crate) trait Leave: Future {
    /// The client is gone. Goes on in a task for others who wait, or is dropped.
    fn leave(self: Pin<Box<Self>>);
}

pin_project! {
    /// A request on its way to the origin, or waiting for another one that is.
    pub(crate) struct Handed<F> {
        #[pin]
        future: F,
        others: Others,
        tasks: Tasks,
        scope: Option<Scope>,
        span: Span,
    }
}

impl<F> Handed<F> {
    /// `future` says in `others` who waits for it. What it runs in is the caller's: its scope and span.
    pub(crate) fn new(future: F, others: Others, tasks: Tasks) -> Self {
        Self {
            future,
            others,
            tasks,
            scope: Scope::current(),
            span: Span::current(),
        }
    }
}

impl<F: Future> Future for Handed<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

impl<F: Future + Send + 'static> Leave for Handed<F> {
    fn leave(self: Pin<Box<Self>>) {
        if !self.others.get().is_some_and(Awaited::is_so) {
            return;
        }
        let (tasks, scope, span) = (self.tasks.clone(), self.scope.clone(), self.span.clone());
        // its answer is for a client that is gone, and what it brings goes to those who wait
        let task = async move {
            self.await;
        };
        let start = || span.in_scope(|| tasks.start(task));
        // outside a Tokio runtime, and after a shutdown, one of them asks anew
        let _ = match scope {
            Some(scope) => scope.enter(start),
            None => start(),
        };
    }
}
