//! The future of an answer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;
use http_body::Body;

use crate::middleware::http_cache::body::CacheBody;

type Answer<B, E> = Result<Response<CacheBody<B>>, E>;

/// The future of [`ForegroundService`](super::ForegroundService): `B` is the inner service's response body, `E` its
/// error.
///
/// An answer from the cache is there at the first poll, and nothing is boxed for it. Dropped, it drops what it was
/// doing.
pub struct ForegroundFuture<B: Body, E>(Inner<B, E>);

enum Inner<B: Body, E> {
    Answer(Option<Response<CacheBody<B>>>),
    Boxed(Pin<Box<dyn Future<Output = Answer<B, E>>>>),
}

impl<B: Body, E> ForegroundFuture<B, E> {
    pub(super) fn answer(response: Response<CacheBody<B>>) -> Self {
        Self(Inner::Answer(Some(response)))
    }

    pub(super) fn boxed(future: impl Future<Output = Answer<B, E>> + 'static) -> Self {
        Self(Inner::Boxed(Box::pin(future)))
    }
}

// nothing in it is pinned in place
impl<B: Body, E> Unpin for ForegroundFuture<B, E> {}

impl<B: Body, E> Future for ForegroundFuture<B, E> {
    type Output = Answer<B, E>;

    #[expect(
        clippy::expect_used,
        reason = "a future that has ended is not polled again"
    )]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Inner::Answer(response) => {
                let response = response.take();
                let response =
                    response.expect("a `ForegroundFuture` was polled after it had ended");
                Poll::Ready(Ok(response))
            }
            Inner::Boxed(future) => future.as_mut().poll(cx),
        }
    }
}

impl<B: Body, E> fmt::Debug for ForegroundFuture<B, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = match self.0 {
            Inner::Answer(_) => "answer",
            Inner::Boxed(_) => "with the inner service",
        };
        f.debug_tuple("ForegroundFuture").field(&inner).finish()
    }
}
