//! A body that is read at the origin's pace and kept, and handed on at the client's.
//!
//! Whoever waits for a response to be stored must not depend on how fast some other client reads. So
//! a body that does not come at once is pulled by a task of its own, up to the limit of what is kept;
//! beyond it there is nothing to keep, the waiters are sent on, and the rest of the body is handed to
//! the client's connection, which reads it at its own pace. Outside a Tokio runtime, and after the
//! toolkit was shut down, there is no such task; then nobody is made to wait, and the client's
//! connection does the pulling.
//!
//! The task ends when the client leaves: nothing is stored then, and one of those who wait asks the
//! origin itself.

use std::fmt;
use std::future::Future as _;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;

use crate::tasks::Tasks;

use super::keeper::Keeper;
use super::pump::{Ended, Piece, Pump};

/// The client's end of a [`Pump`].
pub(crate) struct Reader<B: Body> {
    pieces: UnboundedReceiver<Piece<B>>,
    rest: Option<Pin<Box<B>>>,
    puller: Puller<B>,
    ended: Arc<AtomicBool>,
    hint: SizeHint,
}

/// Who pulls.
enum Puller<B: Body> {
    Nobody,
    Reader(Box<Pump<B>>),
    Task(JoinHandle<Ended>),
}

/// Both ends for `body`.
pub(crate) fn tape<B: Body<Data = Bytes>>(body: B, keeper: Keeper) -> (Pump<B>, Reader<B>) {
    let (sender, receiver) = unbounded_channel();
    let ended = Arc::<AtomicBool>::default();
    let reader = Reader {
        pieces: receiver,
        rest: None,
        puller: Puller::Nobody,
        ended: Arc::clone(&ended),
        hint: body.size_hint(),
    };
    (Pump::new(body, keeper, sender, ended), reader)
}

impl<B> Reader<B>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Send,
{
    /// Goes on with a body that did not come at once.
    pub(crate) fn drive(&mut self, pump: Pump<B>, tasks: &Tasks) {
        self.puller = match tasks.start(pump) {
            Ok(task) => Puller::Task(task),
            Err(mut pump) => {
                pump.dismiss();
                Puller::Reader(Box::new(pump))
            }
        };
    }
}

impl<B: Body<Data = Bytes>> Reader<B> {
    /// Whether the body has ended, so that all of it has been handed on.
    pub(crate) fn is_whole(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// The trailers among what has been handed on so far.
    pub(crate) fn into_trailers(mut self) -> Option<HeaderMap> {
        std::iter::from_fn(|| self.pieces.try_recv().ok()).find_map(|piece| match piece {
            Piece::Frame(frame) => frame.into_trailers().ok(),
            Piece::Failed(_) | Piece::Rest(_) => None,
        })
    }

    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        loop {
            if let Some(rest) = &mut self.rest {
                return rest.as_mut().poll_frame(cx);
            }
            if let Puller::Reader(pump) = &mut self.puller
                && pump.pull(cx).is_ready()
            {
                self.puller = Puller::Nobody;
            }
            match ready!(self.pieces.poll_recv(cx)) {
                Some(Piece::Frame(frame)) => {
                    self.passed(&frame);
                    return Poll::Ready(Some(Ok(frame)));
                }
                Some(Piece::Failed(error)) => {
                    self.ended.store(true, Ordering::Release);
                    return Poll::Ready(Some(Err(error)));
                }
                Some(Piece::Rest(rest)) => self.rest = Some(rest),
                None if self.ended.load(Ordering::Acquire) => return Poll::Ready(None),
                None => ready!(self.poll_broken(cx)),
            }
        }
    }

    /// The task is gone before the body's end: the client must not take what came for all there is.
    #[expect(
        clippy::panic,
        reason = "the rest of the body is gone with its task, and the client's connection has to end"
    )]
    fn poll_broken(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Puller::Task(task) = &mut self.puller else {
            panic!("a body ended and did not say how");
        };
        match ready!(Pin::new(task).poll(cx)) {
            Err(ended) if ended.is_panic() => resume_unwind(ended.into_panic()),
            Ok(_) | Err(_) => panic!("the Tokio runtime was shut down while it read this body"),
        }
    }

    fn passed(&mut self, frame: &Frame<Bytes>) {
        let length = frame.data_ref().map_or(0, Bytes::len);
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        let mut left = SizeHint::new();
        left.set_lower(self.hint.lower().saturating_sub(length));
        if let Some(upper) = self.hint.upper() {
            left.set_upper(upper.saturating_sub(length));
        }
        self.hint = left;
    }

    pub(crate) fn is_end_stream(&self) -> bool {
        match &self.rest {
            Some(rest) => rest.is_end_stream(),
            None => self.ended.load(Ordering::Acquire) && self.pieces.is_empty(),
        }
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        match &self.rest {
            Some(rest) => rest.size_hint(),
            None => self.hint,
        }
    }
}

impl<B: Body> Drop for Reader<B> {
    fn drop(&mut self) {
        if let Puller::Task(task) = &self.puller {
            task.abort();
        }
    }
}

impl<B: Body> fmt::Debug for Reader<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}
