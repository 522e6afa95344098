//! Reads a body at the origin's pace, keeps it, and hands it on.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::sync::mpsc::UnboundedSender;

use super::keeper::{Keeper, send_on};
use super::rfc9111::verdict::Reason;
use super::stored::Stored;

/// What goes from the pump to the reader. The channel is unbounded; what is in it is bounded by what
/// a keeper keeps.
pub(crate) enum Piece<B: Body> {
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

impl<B: Body<Data = Bytes>> Pump<B> {
    /// Sends on `pieces`, and says in `ended` when the body has ended well.
    pub(crate) fn new(
        body: B,
        keeper: Keeper,
        pieces: UnboundedSender<Piece<B>>,
        ended: Arc<AtomicBool>,
    ) -> Self {
        Self {
            body: Some(Box::pin(body)),
            keeper: Some(keeper),
            pieces,
            ended,
        }
    }

    /// Lets nobody wait for what is being kept.
    pub(crate) fn dismiss(&mut self) {
        if let Some(keeper) = &mut self.keeper {
            send_on(&mut keeper.right);
        }
    }

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
        if how.is_ok() {
            self.ended.store(true, Ordering::Release);
        }
        ended.map_or_else(Ended::NotStored, Ended::Stored)
    }
}

impl<B: Body<Data = Bytes>> Future for Pump<B> {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended> {
        let pump = &mut *self;
        // a body may ask for other pages of the site, or for its own
        match pump
            .keeper
            .as_ref()
            .map(|keeper| Arc::clone(keeper.right.node()))
        {
            Some(node) => node.run(|| pump.pull(cx)),
            None => pump.pull(cx),
        }
    }
}
