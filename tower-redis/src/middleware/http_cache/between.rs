//! A body that comes between bytes that are there.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// A body that comes between bytes that are there. One that ends early, or has more than it should, ends the
    /// whole without the bytes behind it: the length that was announced tells that it is not complete. Its trailers
    /// are those of a part, and end here.
    pub(crate) struct Between<M> {
        before: Bytes,
        #[pin]
        middle: M,
        // what is still to come of it
        left: Option<u64>,
        after: Bytes,
        ended: bool,
    }
}

impl<M> Between<M> {
    /// Of the `middle` so many bytes are to come.
    pub(crate) fn new(before: Bytes, (middle, length): (M, u64), after: Bytes) -> Self {
        Self {
            before,
            middle,
            left: Some(length),
            after,
            ended: false,
        }
    }
}

impl<M: Body<Data = Bytes>> Body for Between<M> {
    type Data = Bytes;
    type Error = M::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, M::Error>>> {
        let mut this = self.project();
        if !this.before.is_empty() {
            let before = std::mem::take(this.before);
            return Poll::Ready(Some(Ok(Frame::data(before))));
        }
        while !*this.ended {
            match ready!(this.middle.as_mut().poll_frame(cx)) {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
                        *this.left = this.left.and_then(|left| left.checked_sub(length));
                        return Poll::Ready(Some(Ok(Frame::data(data))));
                    }
                }
                Some(Err(error)) => {
                    this.after.clear();
                    *this.ended = true;
                    return Poll::Ready(Some(Err(error)));
                }
                None => *this.ended = true,
            }
        }
        let after = std::mem::take(this.after);
        let whole = *this.left == Some(0) && !after.is_empty();
        Poll::Ready(whole.then(|| Ok(Frame::data(after))))
    }

    fn is_end_stream(&self) -> bool {
        self.before.is_empty() && self.after.is_empty() && self.middle.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let length = |bytes: &Bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let around = length(&self.before).saturating_add(length(&self.after));
        SizeHint::with_exact(around.saturating_add(self.left.unwrap_or(0)))
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt as _, Full, StreamBody};

    use super::*;

    async fn read(middle: &'static str, length: u64) -> Bytes {
        let middle = Full::new(Bytes::from_static(middle.as_bytes()));
        let body = Between::new("<".into(), (middle, length), ">".into());
        assert_eq!(body.size_hint().exact(), Some(length + 2));
        assert!(!body.is_end_stream());
        body.collect().await.unwrap().to_bytes()
    }

    #[tokio::test]
    async fn what_comes_is_between_what_is_there() {
        assert_eq!(read("abc", 3).await, "<abc>");
        assert_eq!(read("", 0).await, "<>");
    }

    #[tokio::test]
    async fn one_that_has_another_length_does_not_go_on() {
        assert_eq!(read("ab", 3).await, "<ab");
        assert_eq!(read("abcd", 3).await, "<abcd");
    }

    #[tokio::test]
    async fn an_error_ends_it_and_trailers_are_left_out() {
        let frames = [Ok(Frame::data(Bytes::from_static(b"a"))), Err("broken")];
        let middle = StreamBody::new(futures_util::stream::iter(frames));
        let mut body = Between::new("<".into(), (middle, 1), ">".into());
        for expected in ["<", "a"] {
            let frame = body.frame().await.unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), expected);
        }
        assert_eq!(body.frame().await.unwrap().unwrap_err(), "broken");
        assert!(body.frame().await.is_none());

        let frames: [Result<_, &str>; 2] = [
            Ok(Frame::data(Bytes::from_static(b"a"))),
            Ok(Frame::trailers(http::HeaderMap::new())),
        ];
        let middle = StreamBody::new(futures_util::stream::iter(frames));
        let body = Between::new("<".into(), (middle, 1), ">".into());
        let whole = body.collect().await.unwrap();
        assert!(whole.trailers().is_none());
        assert_eq!(whole.to_bytes(), "<a>");
    }
}
