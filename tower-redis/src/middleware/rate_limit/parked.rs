//! A request that waits for Redis.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::Request;

use crate::limit::{Asking, Decision};

use super::manner::Manner;

/// What is kept until the decision comes.
pub(super) struct Parked<S, B> {
    answer: Asking,
    kept: Option<(S, Request<B>, Arc<Manner>)>,
}

impl<S, B> Parked<S, B> {
    pub(super) fn new(
        answer: Asking,
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
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<(Decision, S, Request<B>, Arc<Manner>)> {
        if self.kept.is_none() {
            return Poll::Pending;
        }
        let decision = ready!(self.answer.as_mut().poll(cx));
        match self.kept.take() {
            Some((service, request, manner)) => Poll::Ready((decision, service, request, manner)),
            None => Poll::Pending,
        }
    }
}
