//! The future of an answer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use super::body::CacheBody;
use super::handed::Leave;
use super::passage::{Passage, Telling};

/// A GET on its way to the origin, or waiting for another one that is.
type Exchange<B, E> = Pin<Box<dyn Leave<Output = Result<Response<CacheBody<B>>, E>> + Send>>;

pin_project! {
    /// The future of [`CacheService`](super::CacheService): `F` is the inner service's, `B` its
    /// response body, `E` its error.
    ///
    /// An answer from the cache is there at the first poll, and nothing is boxed for it or for a
    /// request that only passes; a miss is one boxed future.
    ///
    /// Dropped, it drops what it was doing; but a request that others wait for goes on, in a task.
    pub struct CacheFuture<F, B: Body, E> {
        #[pin]
        inner: Inner<F, B, E>,
    }

    impl<F, B: Body, E> PinnedDrop for CacheFuture<F, B, E> {
        fn drop(this: Pin<&mut Self>) {
            if let InnerProj::Exchange { future } = this.project().inner.project()
                && let Some(future) = future.take()
            {
                future.leave();
            }
        }
    }
}

pin_project! {
    #[project = InnerProj]
    enum Inner<F, B: Body, E> {
        Answer { response: Option<Response<CacheBody<B>>> },
        Passing { #[pin] future: F, passage: Option<Passage> },
        Telling { telling: Telling, response: Option<Response<CacheBody<B>>> },
        Exchange { future: Option<Exchange<B, E>> },
    }
}

impl<F, B: Body, E> CacheFuture<F, B, E> {
    pub(super) fn answer(response: Response<CacheBody<B>>) -> Self {
        let response = Some(response);
        Self {
            inner: Inner::Answer { response },
        }
    }

    pub(super) fn passing(future: F, passage: Passage) -> Self {
        let passage = Some(passage);
        Self {
            inner: Inner::Passing { future, passage },
        }
    }

    pub(super) fn exchange(future: Exchange<B, E>) -> Self {
        let future = Some(future);
        Self {
            inner: Inner::Exchange { future },
        }
    }
}

impl<F, B, E> Future for CacheFuture<F, B, E>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<CacheBody<B>>, E>;

    #[expect(
        clippy::expect_used,
        reason = "a future that has ended is not polled again"
    )]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        const TWICE: &str = "a `CacheFuture` was polled after it had ended";
        let mut inner = self.project().inner;
        loop {
            let (response, telling) = match inner.as_mut().project() {
                InnerProj::Answer { response } => {
                    return Poll::Ready(Ok(response.take().expect(TWICE)));
                }
                InnerProj::Passing { future, passage } => {
                    let answered = ready!(future.poll(cx));
                    let passage = passage.take().expect(TWICE);
                    match answered.map(|response| passage.answer(response)) {
                        Ok((response, Some(telling))) => (response, telling),
                        Ok((response, None)) => return Poll::Ready(Ok(response)),
                        Err(error) => return Poll::Ready(Err(error)),
                    }
                }
                InnerProj::Telling { telling, response } => {
                    ready!(telling.as_mut().poll(cx));
                    return Poll::Ready(Ok(response.take().expect(TWICE)));
                }
                InnerProj::Exchange { future } => {
                    let answered = ready!(future.as_mut().expect(TWICE).as_mut().poll(cx));
                    *future = None;
                    return Poll::Ready(answered);
                }
            };
            let response = Some(response);
            inner.set(Inner::Telling { telling, response });
        }
    }
}

impl<F, B: Body, E> fmt::Debug for CacheFuture<F, B, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = match self.inner {
            Inner::Answer { .. } => "answer",
            Inner::Passing { .. } => "passing",
            Inner::Telling { .. } => "telling others",
            Inner::Exchange { .. } => "exchange",
        };
        f.debug_tuple("CacheFuture").field(&inner).finish()
    }
}
