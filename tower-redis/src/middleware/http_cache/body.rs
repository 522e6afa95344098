//! The body of an answer: stored bytes, or the inner service's own body, kept as it passes or not.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::between::Between;
use super::body_error::{BoxError, CacheBodyError};
use super::reader::Reader;

pin_project! {
    /// The body of an answer of [`CacheService`](super::CacheService).
    ///
    /// A body that is being stored is read ahead of the client, up to the layer's `max_body`, and several
    /// clients may read it while it comes; any other passes at the client's pace. Dropped, it takes nothing from
    /// the others, and what is being stored is stored. A [`CacheBodyError`] says why one ended early.
    pub struct CacheBody<B: Body> {
        #[pin]
        inner: Inner<B>,
    }
}

pin_project! {
    // what is rare is boxed: each answer moves one of these several times
    #[project = InnerProj]
    enum Inner<B: Body> {
        Whole { data: Option<Bytes>, trailers: Option<Box<HeaderMap>> },
        Passing { #[pin] body: B },
        Taped { reader: Box<Reader> },
        Between { body: Pin<Box<Between<CacheBody<B>>>> },
    }
}

impl<B: Body> CacheBody<B> {
    pub(super) fn empty() -> Self {
        Self::whole(Bytes::new(), None)
    }

    pub(super) fn whole(data: Bytes, trailers: Option<HeaderMap>) -> Self {
        let data = (!data.is_empty()).then_some(data);
        let trailers = trailers.map(Box::new);
        Self {
            inner: Inner::Whole { data, trailers },
        }
    }

    pub(super) fn passing(body: B) -> Self {
        Self {
            inner: Inner::Passing { body },
        }
    }

    pub(super) fn taped(reader: Reader) -> Self {
        let reader = Box::new(reader);
        Self {
            inner: Inner::Taped { reader },
        }
    }

    /// The `middle`, of which so many bytes are to come, between what is there.
    pub(super) fn between(before: Bytes, middle: (Self, u64), after: Bytes) -> Self {
        let body = Box::pin(Between::new(before, middle, after));
        Self {
            inner: Inner::Between { body },
        }
    }
}

// layers that make up an answer of their own, as CORS does, ask for it
impl<B: Body> Default for CacheBody<B> {
    fn default() -> Self {
        Self::empty()
    }
}

impl<B> Body for CacheBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = CacheBodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CacheBodyError>>> {
        match self.project().inner.project() {
            InnerProj::Whole { data, trailers } => {
                let data = data.take().map(Frame::data);
                let next =
                    data.or_else(|| trailers.take().map(|trailers| Frame::trailers(*trailers)));
                Poll::Ready(next.map(Ok))
            }
            InnerProj::Passing { body } => {
                let next = body.poll_frame(cx);
                next.map(|next| next.map(|frame| frame.map_err(CacheBodyError::inner)))
            }
            InnerProj::Taped { reader } => reader.poll_frame(cx),
            InnerProj::Between { body } => body.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.inner {
            Inner::Whole { data, trailers } => data.is_none() && trailers.is_none(),
            Inner::Passing { body } => body.is_end_stream(),
            Inner::Taped { reader } => reader.is_end_stream(),
            Inner::Between { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.inner {
            Inner::Whole { data, .. } => {
                let length = data.as_ref().map_or(0, Bytes::len);
                SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
            }
            Inner::Passing { body } => body.size_hint(),
            Inner::Taped { reader } => reader.size_hint(),
            Inner::Between { body } => body.size_hint(),
        }
    }
}

impl<B: Body> fmt::Debug for CacheBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = match self.inner {
            Inner::Whole { .. } => "whole",
            Inner::Passing { .. } => "passing",
            Inner::Taped { .. } => "being kept",
            Inner::Between { .. } => "being completed",
        };
        f.debug_tuple("CacheBody").field(&inner).finish()
    }
}
