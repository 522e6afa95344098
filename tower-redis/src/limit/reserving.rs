//! A question for permits that can be given back.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::limiter::Limiter;

type Asking<R> = Pin<Box<dyn Future<Output = R> + Send>>;

/// Once it has been polled it finds out what was decided, also when it is dropped before: then what was charged is
/// given back.
pub(crate) struct Reserving<R: 'static> {
    /// Who finishes the question.
    limiter: Option<Limiter>,
    asking: Option<Asking<R>>,
    begun: bool,
}

impl<R> Reserving<R> {
    pub(super) fn new(limiter: impl Into<Option<Limiter>>, asking: Asking<R>) -> Self {
        Self {
            limiter: limiter.into(),
            asking: Some(asking),
            begun: false,
        }
    }
}

impl<R> Future for Reserving<R> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        self.begun = true;
        let Some(asking) = &mut self.asking else {
            return Poll::Pending;
        };
        let reserved = ready!(asking.as_mut().poll(cx));
        self.asking = None;
        Poll::Ready(reserved)
    }
}

impl<R: 'static> Drop for Reserving<R> {
    fn drop(&mut self) {
        if self.begun
            && let Some(asking) = self.asking.take()
            && let Some(limiter) = &self.limiter
        {
            limiter.finish_behind(async move { drop(asking.await) });
        }
    }
}
