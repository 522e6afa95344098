//! Reads a body at the origin's pace, and keeps it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use tokio::time::Sleep;

use crate::cache::lineage::Node;
use crate::clock::Moment;
use crate::timers::sleep;

use super::body_error::CacheBodyError;
use super::inner_body::InnerBody;
use super::keeper::{Keeper, send_on};
use super::reel::{Room, as_u64};
use super::rfc9111::verdict::Reason;
use super::stored::Stored;
use super::tape::Tape;

/// For how long a reader may take nothing while it holds others up, and the origin bring nothing while nobody
/// reads.
const PATIENCE: Duration = Duration::from_secs(30);

/// What became of a body.
#[derive(Debug, Clone)]
pub(crate) enum Ended {
    Stored(Arc<Stored>),
    NotStored(Reason),
}

/// Pulls a body onto a tape, and stores it when it is whole. Dropped before the body's end, its readers get an
/// error.
pub(crate) struct Pump {
    body: Option<InnerBody>,
    keeper: Option<Keeper>,
    tape: Arc<Tape>,
    /// The load it is part of: a body may ask for other pages of the site, or for its own.
    node: Arc<Node>,
    /// What is announced once this runs as a task.
    coming: Option<Arc<Stored>>,
    ended: Ended,
    /// How much is held of what is not kept.
    window: u64,
    /// When something came last.
    moved: Moment,
    full: Option<Moment>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Pump {
    pub(crate) fn new(body: InnerBody, keeper: Keeper, tape: Arc<Tape>) -> Self {
        Self {
            body: Some(body),
            window: as_u64(keeper.limit),
            node: Arc::clone(keeper.right.node()),
            keeper: Some(keeper),
            moved: tape.now(),
            tape,
            coming: None,
            ended: Ended::NotStored(Reason::Incomplete),
            full: None,
            timer: None,
        }
    }

    /// The response while its body is on its way; `None` when it will not be kept. Others have it once this runs
    /// as a task, if it is `shareable`.
    pub(crate) fn coming(&mut self, shareable: bool) -> Option<Arc<Stored>> {
        let coming = self.keeper.as_ref()?.coming(&self.tape);
        self.coming = shareable.then(|| Arc::clone(&coming));
        Some(coming)
    }

    /// Lets nobody wait for what is being kept, or have it.
    pub(crate) fn dismiss(&mut self) {
        self.coming = None;
        if let Some(keeper) = &mut self.keeper {
            send_on(&mut keeper.right);
        }
    }

    /// Pulls until the body has nothing more for now, has ended, or somebody else reads on.
    fn pull(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.tape.attend(cx.waker().clone());
            match self.tape.room() {
                Room::Enough => self.full = None,
                Room::Full => {
                    ready!(self.poll_room(cx));
                    continue;
                }
                Room::OneReader => {
                    if let Some(body) = self.body.take() {
                        self.tape.hand_over(body);
                    }
                    return Poll::Ready(());
                }
                Room::Nobody => return Poll::Ready(()),
            }
            let Some(body) = &mut self.body else {
                return Poll::Ready(());
            };
            match body.as_mut().poll_frame(cx) {
                Poll::Ready(None) => self.end(Ok(())),
                Poll::Ready(Some(Err(error))) => self.end(Err(error)),
                Poll::Ready(Some(Ok(frame))) => self.take(frame),
                Poll::Pending if self.keeper.as_ref().is_some_and(Keeper::has_all) => {
                    // what may still come are trailers, which are not stored: a connection that has
                    // written its `Content-Length` does not ask for them either, and need not hurry
                    let _ = self.store();
                    self.tape.let_go(u64::MAX);
                }
                Poll::Pending => {
                    ready!(self.poll_unread(cx));
                    self.give_up(Reason::Incomplete);
                }
            }
        }
    }

    fn take(&mut self, frame: Frame<Bytes>) {
        self.moved = self.tape.now();
        self.timer = None;
        match frame.into_data() {
            // it carries nothing, and any number of them would fit under the limit
            Ok(data) if data.is_empty() => {}
            Ok(data) => {
                match self.keeper.as_mut().map(|keeper| keeper.push(&data)) {
                    Some(Ok(())) => {}
                    Some(Err(reason)) => self.give_up(reason),
                    None => self.tape.let_go(self.window),
                }
                self.tape.push(&data);
            }
            Err(frame) => {
                if let Ok(trailers) = frame.into_trailers() {
                    self.tape.push_trailers(trailers);
                }
            }
        }
        if self.body.as_ref().is_some_and(|body| body.is_end_stream()) {
            self.end(Ok(()));
        }
    }

    fn store(&mut self) -> Result<(), Reason> {
        let Some(keeper) = self.keeper.take() else {
            return Ok(());
        };
        let ended = keeper.end(&self.tape);
        let stored = ended.as_ref().map(|_| ()).map_err(|reason| *reason);
        self.ended = ended.map_or_else(Ended::NotStored, Ended::Stored);
        stored
    }

    fn give_up(&mut self, reason: Reason) {
        if let Some(keeper) = self.keeper.take() {
            keeper.give_up(reason);
            self.ended = Ended::NotStored(reason);
        }
        self.tape.let_go(self.window);
    }

    /// It is stored before its readers hear that it is whole, so that whoever asks again finds it.
    fn end(&mut self, how: Result<(), CacheBodyError>) {
        self.body = None;
        let how = how.and_then(|()| match self.store() {
            Err(Reason::Incomplete) => Err(CacheBodyError::TRUNCATED),
            Ok(()) | Err(_) => Ok(()),
        });
        if how.is_err() {
            self.give_up(Reason::Incomplete);
        }
        self.tape.end(how);
    }

    /// Ready when somebody who held others up was cut off.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let since = *self.full.get_or_insert_with(|| self.tape.now());
        loop {
            ready!(self.poll_timer(cx, PATIENCE));
            match self.tape.cut_off(since, PATIENCE) {
                None => return Poll::Ready(()),
                Some(left) => self.set_timer(left),
            }
        }
    }

    /// Ready when nobody has read for too long while nothing came.
    fn poll_unread(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let Some(unread) = self.tape.unread_since() else {
                self.timer = None;
                return Poll::Pending;
            };
            ready!(self.poll_timer(cx, PATIENCE));
            let idle = self.tape.now().since(unread.max(self.moved));
            match PATIENCE.checked_sub(idle).filter(|left| !left.is_zero()) {
                None => return Poll::Ready(()),
                Some(left) => self.set_timer(left),
            }
        }
    }

    fn set_timer(&mut self, after: Duration) {
        // a coarse clock is a little behind
        const LEAST: Duration = Duration::from_millis(10);
        self.timer = sleep(after.max(LEAST)).map(Box::pin);
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>, after: Duration) -> Poll<()> {
        if self.timer.is_none() {
            self.set_timer(after);
        }
        match &mut self.timer {
            Some(timer) => timer.as_mut().poll(cx),
            // nothing tells the time here, so nobody waits too long
            None => Poll::Pending,
        }
    }
}

impl Future for Pump {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended> {
        let pump = &mut *self;
        if let (Some(coming), Some(keeper)) = (pump.coming.take(), &mut pump.keeper) {
            keeper.announce(coming);
            // those who have just been told come first: there may be too much of it to be kept for them
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let node = Arc::clone(&pump.node);
        let pulled = node.run(|| pump.pull(cx));
        pulled.map(|()| pump.ended.clone())
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        if self.body.is_some() {
            self.tape.end(Err(CacheBodyError::GONE));
        }
    }
}
