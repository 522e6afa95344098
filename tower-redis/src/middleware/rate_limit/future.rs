//! The future of one exchange.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::limit::Decision;

use super::body::RateLimitBody;
use super::fields::Fields;
use super::rejection::RateLimited;

pin_project! {
    /// The future of [`RateLimit`](super::RateLimit).
    ///
    /// Dropped early it drops the service's future; what was charged stays charged.
    pub struct RateLimitFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S::Future>,
    }
}

pin_project! {
    #[project = StateProjected]
    enum State<F> {
        Admitted { #[pin] answer: F, fields: Arc<Fields>, decision: Decision },
        Refused { rejection: Option<RateLimited> },
    }
}

impl<S: Service<Request<B>>, B> RateLimitFuture<S, B> {
    pub(super) fn admitted(answer: S::Future, fields: Arc<Fields>, decision: Decision) -> Self {
        Self {
            state: State::Admitted {
                answer,
                fields,
                decision,
            },
        }
    }

    pub(super) fn refused(rejection: RateLimited) -> Self {
        Self {
            state: State::Refused {
                rejection: Some(rejection),
            },
        }
    }
}

impl<S, B, R> Future for RateLimitFuture<S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Output = Result<Response<RateLimitBody<R>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjected::Admitted {
                answer,
                fields,
                decision,
            } => {
                let mut response = ready!(answer.poll(cx))?;
                fields.add(decision, response.headers_mut());
                Poll::Ready(Ok(response.map(RateLimitBody::inner)))
            }
            StateProjected::Refused { rejection } => match rejection.take() {
                Some(rejection) => Poll::Ready(Ok(rejection.into_response())),
                // it has given its answer
                None => Poll::Pending,
            },
        }
    }
}

impl<S: Service<Request<B>>, B> fmt::Debug for RateLimitFuture<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimitFuture").finish_non_exhaustive()
    }
}
