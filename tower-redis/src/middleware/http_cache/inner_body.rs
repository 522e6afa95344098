//! The inner service's body, whatever its type.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::body_error::{BoxError, CacheBodyError};

/// The inner service's body, whatever its type.
pub(crate) type InnerBody = Pin<Box<dyn Body<Data = Bytes, Error = CacheBodyError> + Send>>;

/// `body`, boxed.
pub(crate) fn boxed<B>(body: B) -> InnerBody
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    Box::pin(Mapped { body })
}

pin_project! {
    struct Mapped<B> {
        #[pin]
        body: B,
    }
}

impl<B> Body for Mapped<B>
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
        let next = self.project().body.poll_frame(cx);
        next.map(|next| next.map(|frame| frame.map_err(CacheBodyError::inner)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
