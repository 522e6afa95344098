//! A request that waits to be decided about.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::Request;

#[cfg(feature = "redis")]
use crate::limit::Asking;
use crate::limit::{Decision, Reservation, Reserving};

use super::held::{Held, Until};
use super::manner::Manner;
use super::ruling::Ruling;

/// Who tells the decision.
pub(super) enum Answer {
    #[cfg(feature = "redis")]
    Of(Asking),
    OfReserve(Reserving<Result<Reservation, Decision>>, Until),
    Later(Later),
}

/// What is decided once the key is known; nothing where there is none and that is an error.
pub(super) type Later = Pin<Box<dyn Future<Output = Option<(Ruling, Option<Box<Held>>)>> + Send>>;

/// What is kept until the decision comes.
pub(super) struct Parked<S, B> {
    answer: Answer,
    kept: Option<(S, Request<B>, Arc<Manner>)>,
}

/// A decision, what it charged if that may be given back, and what was kept for it; nothing if nobody could be
/// counted and that is an error.
type Told<S, B> = Option<(Ruling, Option<Box<Held>>, (S, Request<B>, Arc<Manner>))>;

impl<S, B> Parked<S, B> {
    pub(super) fn new(
        answer: Answer,
        service: S,
        request: Request<B>,
        manner: Arc<Manner>,
    ) -> Self {
        Self {
            answer,
            kept: Some((service, request, manner)),
        }
    }

    /// The decision and what was kept, once.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Told<S, B>> {
        if self.kept.is_none() {
            return Poll::Pending;
        }
        let (ruling, held) = match &mut self.answer {
            #[cfg(feature = "redis")]
            Answer::Of(answer) => (Ruling::One(ready!(answer.as_mut().poll(cx))), None),
            Answer::OfReserve(answer, until) => reserved(ready!(Pin::new(answer).poll(cx)), *until),
            Answer::Later(answer) => match ready!(answer.as_mut().poll(cx)) {
                Some(told) => told,
                None => return Poll::Ready(None),
            },
        };
        match self.kept.take() {
            Some(kept) => Poll::Ready(Some((ruling, held, kept))),
            None => Poll::Pending,
        }
    }
}

/// What a question for permits that may be given back says.
pub(super) fn reserved(
    reserved: Result<Reservation, Decision>,
    until: Until,
) -> (Ruling, Option<Box<Held>>) {
    match reserved {
        Ok(reserved) => {
            let decision = reserved.decision();
            (Ruling::One(decision), Some(Held::new(reserved, until)))
        }
        Err(decision) => (Ruling::One(decision), None),
    }
}
