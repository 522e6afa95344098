//! The body of an answer, the service's or a refusal's.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::held::Held;

pin_project! {
    /// The body of an answer of [`RateLimit`](super::RateLimit).
    pub struct RateLimitBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProjected]
    enum Kind<B> {
        Inner { #[pin] body: B, held: Option<Box<Held>> },
        Refusal { problem: Bytes },
    }
}

impl<B> RateLimitBody<B> {
    /// `held` is held until the body is dropped.
    pub(super) fn inner(body: B, held: Option<Box<Held>>) -> Self {
        Self {
            kind: Kind::Inner { body, held },
        }
    }
}

// what the service answers belongs to its user and stays out of logs
impl<B> fmt::Debug for RateLimitBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Inner { .. } => "inner",
            Kind::Refusal { .. } => "refusal",
        };
        f.debug_tuple("RateLimitBody").field(&kind).finish()
    }
}

// layers that make up an answer of their own, as CORS does, ask for it
impl<B: Default> Default for RateLimitBody<B> {
    fn default() -> Self {
        Self::inner(B::default(), None)
    }
}

/// The body of a refusal.
impl<B> From<Bytes> for RateLimitBody<B> {
    fn from(problem: Bytes) -> Self {
        Self {
            kind: Kind::Refusal { problem },
        }
    }
}

impl<B: Body<Data = Bytes>> Body for RateLimitBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().kind.project() {
            KindProjected::Inner { body, .. } => body.poll_frame(cx),
            KindProjected::Refusal { problem } => {
                let problem = std::mem::take(problem);
                Poll::Ready((!problem.is_empty()).then(|| Ok(Frame::data(problem))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Inner { body, .. } => body.is_end_stream(),
            Kind::Refusal { problem } => problem.is_empty(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Inner { body, .. } => body.size_hint(),
            Kind::Refusal { problem } => SizeHint::with_exact(problem.len() as u64),
        }
    }
}
