//! The future of one exchange.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::limit::Decision;

use super::body::RateLimitBody;
use super::manner::Manner;
#[cfg(feature = "redis")]
use super::parked::Parked;

pin_project! {
    /// The future of [`RateLimit`](super::RateLimit).
    ///
    /// With counts in this process the request has been decided when it is made, and it allocates
    /// nothing. With counts in Redis it asks when it is first polled, and keeps service and request in
    /// an allocation until the answer comes.
    ///
    /// # Cancellation
    ///
    /// Dropped while it waits for Redis, the request does not reach the service. Dropped later, it drops
    /// the service's future. What was charged stays charged, and what was sent to Redis is charged if it
    /// is allowed.
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
        Asking { parked: Parking<S, B> },
        Admitted { #[pin] answer: F, manner: Arc<Manner>, decision: Decision },
        Refused { refusal: Option<Response<Bytes>> },
    }
}

#[cfg(feature = "redis")]
type Parking<S, B> = Box<Parked<S, B>>;
#[cfg(not(feature = "redis"))]
type Parking<S, B> = (std::convert::Infallible, std::marker::PhantomData<(S, B)>);

impl<S: Service<Request<B>>, B> RateLimitFuture<S, B> {
    pub(super) fn decided(
        service: &mut S,
        mut request: Request<B>,
        manner: Arc<Manner>,
        decision: Decision,
    ) -> Self {
        let state = if decision.is_allowed() {
            request.extensions_mut().insert(decision);
            State::Admitted {
                answer: service.call(request),
                manner,
                decision,
            }
        } else {
            State::Refused {
                refusal: Some(manner.refuse(decision, request.headers())),
            }
        };
        Self { state }
    }

    #[cfg(feature = "redis")]
    pub(super) fn asking(
        answer: crate::limit::Asking,
        service: S,
        request: Request<B>,
        manner: Arc<Manner>,
    ) -> Self {
        Self {
            state: State::Asking {
                parked: Box::new(Parked::new(answer, service, request, manner)),
            },
        }
    }
}

impl<S, B, R> Future for RateLimitFuture<S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Output = Result<Response<RateLimitBody<R>>, S::Error>;

    #[cfg_attr(not(feature = "redis"), expect(unused_mut, reason = "nobody is asked"))]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        #[cfg(feature = "redis")]
        if let StateProjected::Asking { parked } = self.as_mut().project().state.project() {
            let (decision, mut service, request, manner) = ready!(parked.poll(cx));
            let decided = Self::decided(&mut service, request, manner, decision);
            self.as_mut().project().state.set(decided.state);
        }
        match self.project().state.project() {
            StateProjected::Admitted {
                answer,
                manner,
                decision,
            } => {
                let mut response = ready!(answer.poll(cx))?;
                manner.fields.add(decision, response.headers_mut());
                Poll::Ready(Ok(response.map(RateLimitBody::inner)))
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
