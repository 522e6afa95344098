//! A question for permits that can be given back.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::decision::Decision;
use super::limiter::Limiter;
use super::reservation::Reservation;

type Reserved = Result<Reservation, Decision>;
type Asking = Pin<Box<dyn Future<Output = Reserved> + Send>>;

/// Once it has been polled it finds out what was decided, also when it is dropped before: then what was charged is
/// given back.
pub(crate) struct Reserving {
    limiter: Limiter,
    asking: Option<Asking>,
    begun: bool,
}

impl Reserving {
    pub(super) fn new(limiter: Limiter, asking: Asking) -> Self {
        Self {
            limiter,
            asking: Some(asking),
            begun: false,
        }
    }
}

impl Future for Reserving {
    type Output = Reserved;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reserved> {
        self.begun = true;
        let Some(asking) = &mut self.asking else {
            return Poll::Pending;
        };
        let reserved = ready!(asking.as_mut().poll(cx));
        self.asking = None;
        Poll::Ready(reserved)
    }
}

impl Drop for Reserving {
    fn drop(&mut self) {
        if self.begun
            && let Some(asking) = self.asking.take()
        {
            self.limiter
                .finish_behind(async move { drop(asking.await) });
        }
    }
}
