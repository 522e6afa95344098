//! A client's place on a tape.

use std::fmt;
use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};

use crate::cache::lineage::Waiting;
use crate::clock::Clock;
use crate::tasks::Tasks;

use super::allowance::Share;
use super::body_error::CacheBodyError;
use super::inner_body::InnerBody;
use super::pump::Pump;
use super::reel::{ReaderId, Took, as_u64};
use super::tape::{Found, Tape};

/// A client's place on a tape, from the first byte on.
pub(crate) struct Reader {
    tape: Arc<Tape>,
    id: ReaderId,
    /// The rest of the body, when nobody else reads it.
    rest: Option<InnerBody>,
    /// Where no task can pull, it is done here.
    pump: Option<Box<Pump>>,
    #[expect(dead_code, reason = "held while it may wait for more")]
    waiting: Option<Waiting>,
    hint: SizeHint,
}

impl Reader {
    /// A tape, and its first reader.
    pub(crate) fn first(clock: Clock, hint: SizeHint, share: Share) -> (Arc<Tape>, Self) {
        let (tape, id) = Tape::new(clock, hint, share);
        let tape = Arc::new(tape);
        (Arc::clone(&tape), Self::at(tape, id, None))
    }

    /// One more, who is `waiting` for the load; `None` when the first byte is not kept any more.
    pub(crate) fn join(tape: &Arc<Tape>, waiting: Waiting) -> Option<Self> {
        let id = tape.join()?;
        Some(Self::at(Arc::clone(tape), id, Some(waiting)))
    }

    fn at(tape: Arc<Tape>, id: ReaderId, waiting: Option<Waiting>) -> Self {
        Self {
            hint: tape.hint(),
            tape,
            id,
            rest: None,
            pump: None,
            waiting,
        }
    }

    /// Whether all of the body has come.
    pub(crate) fn is_whole(&self) -> bool {
        self.tape.is_whole()
    }

    /// The trailers that have come.
    pub(crate) fn trailers(&self) -> Option<HeaderMap> {
        self.tape.trailers()
    }

    /// Goes on with a body that did not come at once: in a task, or here where there is none to be had.
    pub(crate) fn drive(&mut self, pump: Pump, tasks: &Tasks) {
        if let Err(mut pump) = tasks.start(pump) {
            pump.dismiss();
            self.pump = Some(Box::new(pump));
        }
    }

    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CacheBodyError>>> {
        loop {
            if let Some(rest) = &mut self.rest {
                return rest.as_mut().poll_frame(cx);
            }
            if let Some(pump) = &mut self.pump
                && Pin::new(&mut **pump).poll(cx).is_ready()
            {
                self.pump = None;
            }
            return Poll::Ready(match ready!(self.tape.poll(self.id, cx)) {
                Found::Rest(rest) => {
                    self.rest = Some(rest);
                    continue;
                }
                Found::Took(Took::Data(data)) => {
                    self.passed(data.len());
                    Some(Ok(Frame::data(data)))
                }
                Found::Took(Took::Trailers(fields)) => Some(Ok(Frame::trailers(fields))),
                Found::Took(Took::Failed(error)) => Some(Err(error)),
                Found::Took(Took::Nothing | Took::End) => None,
            });
        }
    }

    fn passed(&mut self, length: usize) {
        let length = as_u64(length);
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
            None => self.tape.is_at_end(self.id),
        }
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        match &self.rest {
            Some(rest) => rest.size_hint(),
            None => self.hint,
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.tape.leave(self.id);
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}
