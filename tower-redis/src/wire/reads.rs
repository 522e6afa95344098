//! The driver of a connection whose reads are [joined](super::join).

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use redis::aio::MultiplexedConnection;
use redis::{RedisResult, Value};

use super::join::Join;
use super::joined::{Joined, Reply};

/// Replies that are handed out at least before those who got them have had a turn.
const AT_ONCE: usize = 32;
/// Into how many parts those who ask fall at least, where there are more of them.
const PARTS: usize = 2;

/// Reads and writes until the connection ends.
pub(super) type Driver = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A connection that is driven, and the reads on it.
pub(super) struct Reads {
    join: Arc<Join>,
    mux: MultiplexedConnection,
    driver: Driver,
    /// In the order in which they were sent, which is the one in which they are answered.
    under_way: VecDeque<UnderWay>,
    /// Not handed out yet.
    replies: VecDeque<(usize, Reply)>,
}

/// A command that was sent.
struct UnderWay {
    batch: Joined,
    asking: Pin<Box<dyn Future<Output = RedisResult<Value>> + Send>>,
    said: Option<RedisResult<Value>>,
}

impl UnderWay {
    /// Whether something was said.
    fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        if self.said.is_none()
            && let Poll::Ready(said) = self.asking.as_mut().poll(cx)
        {
            self.said = Some(said);
        }
        self.said.is_some()
    }
}

impl Reads {
    pub(super) fn new(join: Arc<Join>, mux: MultiplexedConnection, driver: Driver) -> Self {
        Self {
            join,
            mux,
            driver,
            under_way: VecDeque::new(),
            replies: VecDeque::new(),
        }
    }

    /// Hands over what is to be sent.
    fn send(&mut self, cx: &mut Context<'_>) {
        for mut batch in self.join.take() {
            let (cmd, mut mux) = (batch.cmd(), self.mux.clone());
            let mut sent = UnderWay {
                batch,
                asking: Box::pin(async move { mux.send_packed_command(&cmd).await }),
                said: None,
            };
            // the driver has it once this was polled
            sent.is_over(cx);
            self.under_way.push_back(sent);
        }
    }

    fn receive(&mut self, cx: &mut Context<'_>) {
        while let Some(first) = self.under_way.front_mut()
            && first.is_over(cx)
            && let Some(UnderWay { batch, said, .. }) = self.under_way.pop_front()
        {
            let said = said.and_then(Result::ok);
            let each = batch.tell(said, &mut self.replies);
            self.join.learn(each);
        }
    }

    /// Hands out some of the replies. If all who got one asked again in one go, they would go in one write, and
    /// client and server would take turns at working.
    fn hand_out(&mut self, cx: &Context<'_>) {
        if self.replies.is_empty() {
            return;
        }
        let part = AT_ONCE.max(self.join.asking() / PARTS);
        let now = part.max(self.replies.len() / 2).min(self.replies.len());
        self.join.tell(self.replies.drain(..now));
        if !self.replies.is_empty() {
            cx.waker().wake_by_ref();
        }
    }
}

impl Future for Reads {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let reads = &mut *self;
        reads.join.attend(cx);
        reads.send(cx);
        let driven = reads.driver.as_mut().poll(cx);
        reads.receive(cx);
        if driven.is_ready() {
            reads.join.tell(reads.replies.drain(..));
        } else {
            reads.hand_out(cx);
        }
        driven
    }
}

impl Drop for Reads {
    fn drop(&mut self) {
        self.join.end();
    }
}
