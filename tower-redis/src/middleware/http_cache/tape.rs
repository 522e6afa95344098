//! A body that is read at the origin's pace and kept, and handed on at the client's.
//!
//! Whoever waits for a response to be stored must not depend on how fast some other client reads. So
//! a body that does not come at once is pulled by a task of its own, up to the limit of what is kept;
//! beyond it there is nothing to keep, the waiters are sent on, and the rest of the body is handed to
//! the client's connection, which reads it at its own pace. Outside a Tokio runtime there is no such
//! task; then nobody is made to wait, and the client's connection does the pulling.
//!
//! The task ends when the client leaves: nothing is stored then, and one of those who wait asks the
//! origin itself.

use std::fmt;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tracing::Instrument as _;

use crate::cache::flight::Permit;
use crate::scope::Scope;

use super::keeper::{Keeper, send_on};
use super::rfc9111::verdict::Reason;
use super::stored::{Stored, Variants};

/// What goes from the pump to the reader. The channel is unbounded; what is in it is bounded by what
/// a keeper keeps.
enum Piece<B: Body> {
    Frame(Frame<Bytes>),
    Failed(B::Error),
    /// Nothing is kept any more; read on by yourself.
    Rest(Pin<Box<B>>),
}

/// What became of a body.
#[derive(Debug)]
pub(crate) enum Ended {
    Stored(Arc<Stored>),
    NotStored(Reason),
}

/// Pulls a body, keeps it and hands it on.
pub(crate) struct Pump<B: Body> {
    body: Option<Pin<Box<B>>>,
    keeper: Option<Keeper>,
    pieces: UnboundedSender<Piece<B>>,
    ended: Arc<AtomicBool>,
}

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
    Reader(Pump<B>),
    Task(JoinHandle<Ended>),
}

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
    let pump = Pump {
        body: Some(Box::pin(body)),
        keeper: Some(keeper),
        pieces: sender,
        ended,
    };
    (pump, reader)
}

impl<B: Body<Data = Bytes>> Pump<B> {
    /// Pulls until the body has nothing more for now, has ended, or is not kept any more.
    pub(crate) fn pull(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        loop {
            let Some(body) = &mut self.body else {
                return Poll::Ready(self.end(Ok(())));
            };
            let Poll::Ready(next) = body.as_mut().poll_frame(cx) else {
                return self.pause();
            };
            let ended = match next {
                None => self.end(Ok(())),
                Some(Err(error)) => {
                    let ended = self.end(Err(Reason::Incomplete));
                    let _ = self.pieces.send(Piece::Failed(error));
                    ended
                }
                Some(Ok(frame)) => match self.take(frame) {
                    Some(ended) => ended,
                    None => continue,
                },
            };
            return Poll::Ready(ended);
        }
    }

    fn take(&mut self, frame: Frame<Bytes>) -> Option<Ended> {
        let pushed = match (frame.data_ref(), &mut self.keeper) {
            // it carries nothing, and any number of them would fit under the limit
            (Some(data), _) if data.is_empty() => return None,
            (Some(data), Some(keeper)) => keeper.push(data),
            (Some(_) | None, _) => Ok(()),
        };
        let _ = self.pieces.send(Piece::Frame(frame));
        match pushed {
            Ok(()) if self.body.as_ref().is_some_and(|body| body.is_end_stream()) => {
                Some(self.end(Ok(())))
            }
            Ok(()) => None,
            Err(reason) => Some(self.hand_over(reason)),
        }
    }

    /// The body has nothing for now. When all that was announced is there, what may still come are
    /// trailers, which are not stored: a connection that has written its `Content-Length` does not
    /// ask for them either.
    fn pause(&mut self) -> Poll<Ended> {
        match self.keeper.take_if(|keeper| keeper.has_all()) {
            None => Poll::Pending,
            Some(keeper) => {
                let ended = keeper.end();
                self.send_rest();
                Poll::Ready(ended.map_or_else(Ended::NotStored, Ended::Stored))
            }
        }
    }

    fn hand_over(&mut self, reason: Reason) -> Ended {
        if let Some(keeper) = self.keeper.take() {
            keeper.give_up(reason);
        }
        self.send_rest();
        Ended::NotStored(reason)
    }

    fn send_rest(&mut self) {
        if let Some(body) = self.body.take() {
            let _ = self.pieces.send(Piece::Rest(body));
        }
    }

    fn end(&mut self, how: Result<(), Reason>) -> Ended {
        self.body = None;
        let ended = match (how, self.keeper.take()) {
            (Ok(()), Some(keeper)) => keeper.end(),
            (Err(reason), Some(keeper)) => {
                keeper.give_up(reason);
                Err(reason)
            }
            (how, None) => Err(how.err().unwrap_or(Reason::Incomplete)),
        };
        self.ended.store(true, Ordering::Release);
        ended.map_or_else(Ended::NotStored, Ended::Stored)
    }

    /// For those who wait for what is being kept.
    fn permit(&mut self) -> Option<&mut Permit<Variants>> {
        self.keeper.as_mut().map(|keeper| &mut keeper.permit)
    }
}

impl<B: Body<Data = Bytes>> Future for Pump<B> {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended> {
        self.pull(cx)
    }
}

impl<B> Reader<B>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Send,
{
    /// Goes on with a body that did not come at once.
    pub(crate) fn drive(&mut self, mut pump: Pump<B>) {
        let Ok(runtime) = Handle::try_current() else {
            if let Some(permit) = pump.permit() {
                send_on(permit);
            }
            self.puller = Puller::Reader(pump);
            return;
        };
        let node = pump.permit().map(|permit| Arc::clone(permit.node()));
        let node = node.unwrap_or_default();
        let task = node.around(pump).in_current_span();
        self.puller = Puller::Task(match Scope::current() {
            Some(scope) => runtime.spawn(scope.around(task)),
            None => runtime.spawn(task),
        });
    }
}

impl<B: Body<Data = Bytes>> Reader<B> {
    /// Whether the body has ended, so that all of it has been handed on.
    pub(crate) fn is_whole(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// The trailers among what has been handed on so far.
    pub(crate) fn into_trailers(mut self) -> Option<http::HeaderMap> {
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
                Some(Piece::Failed(error)) => return Poll::Ready(Some(Err(error))),
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
            panic!("a body was read on after it had failed");
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
            None => self.hint.clone(),
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
