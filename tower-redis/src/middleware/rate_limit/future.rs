//! The future of one exchange.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::limit::{Decision, Decisions};
use crate::middleware::for_all::is_for_all;

use super::body::RateLimitBody;
use super::held::Held;
use super::manner::Manner;
use super::parked::{Answer, Parked};
use super::problem;
use super::ruling::Ruling;

pin_project! {
    /// The future of [`RateLimit`](super::RateLimit).
    ///
    /// With counts in this process the request has been decided when it is made, and it allocates
    /// nothing. With counts in Redis, and where the layer may give permits back, it asks when it is first
    /// polled, and keeps service and request in an allocation until the answer comes.
    ///
    /// # Cancellation
    ///
    /// Dropped while it waits for Redis, the request does not reach the service. Dropped later, it drops
    /// the service's future. What was charged stays charged, and what was sent to Redis is charged if it
    /// is allowed; where the layer may give permits back, what is charged before the service has begun is
    /// given back, and a held permit always.
    pub struct RateLimitFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S, B, S::Future>,
    }
}

pin_project! {
    #[project = StateProjected]
    enum State<S, B, F> {
        Asking { parked: Box<Parked<S, B>> },
        Admitted { #[pin] answer: F, manner: Arc<Manner>, told: Option<Ruling>, held: Option<Box<Held>> },
        Uncounted { #[pin] answer: F },
        Refused { refusal: Option<Response<Bytes>> },
    }
}

impl<S: Service<Request<B>>, B> RateLimitFuture<S, B> {
    pub(super) fn decided(
        service: &mut S,
        mut request: Request<B>,
        manner: Arc<Manner>,
        decision: Decision,
        held: Option<Box<Held>>,
    ) -> Self {
        let state = if decision.is_allowed() {
            // what is kept would be told to others
            let told = (!is_for_all(&request)).then_some(Ruling::One(decision));
            request.extensions_mut().insert(decision);
            State::Admitted {
                answer: service.call(request),
                manner,
                told,
                held,
            }
        } else {
            State::Refused {
                refusal: Some(manner.refuse(decision, request.headers())),
            }
        };
        Self { state }
    }

    /// The same, by several policies together.
    pub(super) fn decided_by_each(
        service: &mut S,
        mut request: Request<B>,
        manner: Arc<Manner>,
        decisions: Box<Decisions>,
        held: Option<Box<Held>>,
    ) -> Self {
        if !decisions.is_allowed() {
            let refusal = Some(manner.refuse_each(&decisions, request.headers()));
            return Self {
                state: State::Refused { refusal },
            };
        }
        let several = manner.several.as_ref();
        if let Some(decision) = several.and_then(|one| one.standing_for_all(&decisions)) {
            request.extensions_mut().insert(decision);
        }
        let is_told = !is_for_all(&request);
        request
            .extensions_mut()
            .insert(Decisions::clone(&decisions));
        let state = State::Admitted {
            answer: service.call(request),
            manner,
            told: is_told.then_some(Ruling::Each(decisions)),
            held,
        };
        Self { state }
    }

    /// A request that does not count.
    pub(super) fn uncounted(service: &mut S, request: Request<B>) -> Self {
        let answer = service.call(request);
        Self {
            state: State::Uncounted { answer },
        }
    }

    /// A request that cannot be told apart, where that is an error.
    pub(super) fn misconfigured() -> Self {
        let refusal = Some(problem::misconfigured());
        Self {
            state: State::Refused { refusal },
        }
    }

    pub(super) fn asking(
        answer: Answer,
        service: S,
        request: Request<B>,
        manner: Arc<Manner>,
    ) -> Self {
        let parked = Box::new(Parked::new(answer, service, request, manner));
        Self {
            state: State::Asking { parked },
        }
    }
}

impl<S, B, R> Future for RateLimitFuture<S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Output = Result<Response<RateLimitBody<R>>, S::Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let StateProjected::Asking { parked } = self.as_mut().project().state.project() {
            let decided = match ready!(parked.poll(cx)) {
                Some((ruling, held, (mut service, request, manner))) => match ruling {
                    Ruling::One(decision) => {
                        Self::decided(&mut service, request, manner, decision, held)
                    }
                    Ruling::Each(decisions) => {
                        Self::decided_by_each(&mut service, request, manner, decisions, held)
                    }
                },
                None => Self::misconfigured(),
            };
            self.as_mut().project().state.set(decided.state);
        }
        match self.project().state.project() {
            StateProjected::Admitted {
                answer,
                manner,
                told,
                held,
            } => {
                if let Some(held) = held {
                    held.begin();
                }
                let mut response = ready!(answer.poll(cx))?;
                let held = held.take();
                let held = held.and_then(|held| manner.settle(held, &response));
                if let Some(ruling) = told {
                    manner.tell(ruling, response.headers_mut());
                }
                Poll::Ready(Ok(response.map(|body| RateLimitBody::inner(body, held))))
            }
            StateProjected::Uncounted { answer } => {
                let response = ready!(answer.poll(cx))?;
                Poll::Ready(Ok(response.map(|body| RateLimitBody::inner(body, None))))
            }
            StateProjected::Refused { refusal } => match refusal.take() {
                Some(refusal) => Poll::Ready(Ok(refusal.map(RateLimitBody::from))),
                // it has given its answer
                None => Poll::Pending,
            },
            // has become one of the others
            StateProjected::Asking { .. } => Poll::Pending,
        }
    }
}

impl<S: Service<Request<B>>, B> fmt::Debug for RateLimitFuture<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimitFuture").finish_non_exhaustive()
    }
}
