//! How a layer treats its requests once they are decided about.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};

use crate::limit::{Decision, Limiter, RateLimited};

use super::answers::Answers;
use super::fields::Fields;
use super::grpc;
use super::held::{Held, Until};
use super::rejection::Refusal;

type ChargeIf = Arc<dyn Fn(StatusCode, &HeaderMap) -> bool + Send + Sync>;
type Respond = Arc<dyn Fn(RateLimited) -> Response<Bytes> + Send + Sync>;

#[derive(Clone)]
pub(super) struct Manner {
    pub(super) fields: Arc<Fields>,
    /// With the limiter that it speaks for.
    pub(super) respond: Option<(Limiter, Respond)>,
    pub(super) charge_if: Option<ChargeIf>,
    /// Until when a request's permits may be given back, if they may.
    pub(super) until: Option<Until>,
}

impl Manner {
    pub(super) fn of(limiter: &Limiter) -> Self {
        Self {
            fields: Arc::new(Fields::of(limiter, Answers::default())),
            respond: None,
            charge_if: None,
            until: limiter.is_of_held_permits().then_some(Until::Sent),
        }
    }

    /// What stays held of `held`, once this is the answer.
    pub(super) fn settle<B>(&self, mut held: Box<Held>, answer: &Response<B>) -> Option<Box<Held>> {
        if held.until() == Until::Sent {
            return Some(held);
        }
        let charged = self.charge_if.as_ref();
        if charged.is_some_and(|charge| !charge(answer.status(), answer.headers())) {
            held.give_back();
        }
        None
    }

    /// What a request with these fields gets that `decision` refuses.
    pub(super) fn refuse(&self, decision: Decision, asked: &HeaderMap) -> Response<Bytes> {
        let refusal = Refusal {
            fields: Arc::clone(&self.fields),
            grpc: grpc::content_type(asked),
        };
        match &self.respond {
            Some((limiter, respond)) => {
                respond(RateLimited::new(limiter, decision).said_as(refusal))
            }
            None => refusal.answer(&decision),
        }
    }
}

impl fmt::Debug for Manner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manner")
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}
