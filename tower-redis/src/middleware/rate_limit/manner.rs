//! How a layer treats its requests once they are decided about.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};

use crate::limit::{Decision, Decisions, Limiter, LimiterSet, RateLimited};

use super::answers::Answers;
use super::fields::Fields;
use super::grpc;
use super::held::{Held, Until};
use super::problem;
use super::rejection::Refusal;
use super::ruling::Ruling;
use super::several::Several;

type ChargeIf = Arc<dyn Fn(StatusCode, &HeaderMap) -> bool + Send + Sync>;
type Respond = Arc<dyn Fn(RateLimited) -> Response<Bytes> + Send + Sync>;

#[derive(Clone)]
pub(super) struct Manner {
    pub(super) fields: Arc<Fields>,
    /// Where several policies decide together.
    pub(super) several: Option<Arc<Several>>,
    /// With the limiter that it speaks for.
    pub(super) respond: Option<(Limiter, Respond)>,
    pub(super) charge_if: Option<ChargeIf>,
    /// Until when a request's permits may be given back, if they may.
    pub(super) until: Option<Until>,
}

impl Manner {
    pub(super) fn of(limits: &LimiterSet) -> Self {
        let until = match limits.limiters() {
            [one] if one.is_of_held_permits() => Some(Until::Sent),
            _ => None,
        };
        let answers = Answers::default();
        Self {
            fields: Arc::new(Fields::of(limits.first(), answers.clone())),
            several: Several::of(limits.limiters(), &answers).map(Arc::new),
            respond: None,
            charge_if: None,
            until,
        }
    }

    /// The same for a limiter of its own, said as that of a set.
    pub(super) fn by(&self, set: &LimiterSet) -> Self {
        let (limiter, answers) = (set.first(), &self.fields.answers);
        let respond = self.respond.as_ref();
        Self {
            fields: Arc::new(Fields::of(limiter, answers.clone())),
            several: Some(Arc::new(Several::new(set.limiters(), answers))),
            respond: respond.map(|(_, respond)| (limiter.clone(), Arc::clone(respond))),
            charge_if: self.charge_if.clone(),
            until: self.until,
        }
    }

    /// What stays held of `held`, once this is the answer.
    pub(super) fn settle<B>(&self, held: Box<Held>, answer: &Response<B>) -> Option<Box<Held>> {
        let charges = self.charge_if.as_ref();
        held.answered(charges.is_none_or(|charge| charge(answer.status(), answer.headers())))
    }

    /// Tells a client that was let through where it stands.
    #[inline]
    pub(super) fn tell(&self, ruling: &Ruling, headers: &mut HeaderMap) {
        match (ruling, &self.several) {
            (Ruling::One(decision), _) => self.fields.add(decision, headers),
            (Ruling::Each(decisions), Some(several)) => several.add(decisions, headers),
            (Ruling::Each(_), None) => {}
        }
    }

    /// What a request with these fields gets that `decision` refuses.
    pub(super) fn refuse(&self, decision: Decision, asked: &HeaderMap) -> Response<Bytes> {
        match &self.respond {
            Some((limiter, respond)) => {
                let refused = RateLimited::new(limiter, decision);
                respond(refused.said_as(self.refusal(asked)))
            }
            None => self.refusal(asked).answer(&decision, None),
        }
    }

    /// The same where several policies decided.
    pub(super) fn refuse_each(&self, decisions: &Decisions, asked: &HeaderMap) -> Response<Bytes> {
        let refusal = self.refusal(asked);
        let Some(refused) = RateLimited::of(decisions) else {
            return problem::misconfigured();
        };
        match &self.respond {
            Some((_, respond)) => respond(refused.said_as(refusal)),
            None => refusal.answer(&refused.decision(), Some(decisions)),
        }
    }

    fn refusal(&self, asked: &HeaderMap) -> Refusal {
        Refusal {
            fields: Arc::clone(&self.fields),
            several: self.several.clone(),
            grpc: grpc::content_type(asked),
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
