//! Reads that go together.
//!
//! Values that are asked for while the driver of a connection does something else, or waits for its turn, go as
//! one MGET when it is polled next: nobody waits for others to come, and one alone is a GET. Who asks writes its
//! key into the command that is sent next, and leaves a waker; the [driver](super::reads) takes the command and
//! brings the replies.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_util::task::AtomicWaker;
use redis::{Cmd, Value};

/// Keys in one command.
const AT_ONCE: usize = 128;
/// Bytes that one command may take, and that its reply should take, as far as that is known beforehand: a large
/// value holds up those that are asked for with it.
const BYTES: usize = 64 * 1024;

/// What was said to one who asked.
#[derive(Debug, PartialEq)]
pub(super) enum Reply {
    /// To its own command.
    Alone(Value),
    /// At its place among others: nothing may also be something that is no string.
    Among(Value),
    /// The command was refused for all, perhaps for one of the others.
    Refused,
    /// Nothing: the connection has ended.
    Lost,
}

/// Who asks on one connection.
#[derive(Debug, Default)]
pub(super) struct Join {
    desk: Mutex<Desk>,
    driver: AtomicWaker,
}

#[derive(Debug, Default)]
struct Desk {
    seats: Vec<Seat>,
    free: Vec<usize>,
    /// Not sent yet. All but the last are full.
    batches: Vec<Batch>,
    /// Bytes of a reply, as they were lately.
    usual: usize,
    has_ended: bool,
}

/// Where one who asks waits.
#[derive(Debug)]
enum Seat {
    Free,
    Waiting(Waker),
    /// Nobody waits any more.
    Left,
    Told(Reply),
}

/// Keys that go together, and who asks for them.
pub(super) struct Batch {
    cmd: Cmd,
    bytes: usize,
    seats: Vec<usize>,
}

impl Join {
    /// Asks for the value of `key` when it is polled.
    pub(super) fn ask<'a>(&'a self, key: &'a [u8]) -> Asking<'a> {
        Asking {
            join: self,
            key,
            seat: None,
        }
    }

    /// Whoever polls the driver is woken when somebody asks.
    pub(super) fn attend(&self, cx: &Context<'_>) {
        self.driver.register(cx.waker());
    }

    /// What is to be sent.
    pub(super) fn take(&self) -> Vec<Batch> {
        std::mem::take(&mut self.desk().batches)
    }

    /// Hands out replies.
    pub(super) fn tell(&self, replies: impl Iterator<Item = (usize, Reply)>) {
        let mut wakers = Vec::with_capacity(replies.size_hint().0);
        let mut desk = self.desk();
        for (seat, reply) in replies {
            desk.usual = (desk.usual * 7 + reply.bytes()) / 8;
            wakers.extend(desk.tell(seat, reply));
        }
        drop(desk);
        // a waker runs code of the executor
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Nobody drives any more: who waits is told, and so is whoever comes.
    pub(super) fn end(&self) {
        let mut desk = self.desk();
        desk.has_ended = true;
        desk.batches.clear();
        let all = 0..desk.seats.len();
        let wakers: Vec<_> = all.filter_map(|seat| desk.tell(seat, Reply::Lost)).collect();
        drop(desk);
        wakers.into_iter().for_each(Waker::wake);
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// A seat for who asks for `key`, and whether the driver knows nothing of it yet.
    fn sit(&mut self, key: &[u8], waker: Waker) -> (usize, bool) {
        let seat = match self.free.pop() {
            Some(seat) => seat,
            None => {
                self.seats.push(Seat::Free);
                self.seats.len() - 1
            }
        };
        if let Some(place) = self.seats.get_mut(seat) {
            *place = Seat::Waiting(waker);
        }
        let is_first = self.batches.is_empty();
        let most = (BYTES / self.usual.max(1)).clamp(1, AT_ONCE);
        match self.batches.last_mut() {
            Some(batch) if batch.takes(key, most) => batch.add(key, seat),
            _ => self.batches.push(Batch::of(key, seat)),
        }
        (seat, is_first)
    }

    /// Tells who sits there; it is to be woken.
    fn tell(&mut self, seat: usize, reply: Reply) -> Option<Waker> {
        let place = self.seats.get_mut(seat)?;
        match std::mem::replace(place, Seat::Free) {
            Seat::Waiting(waker) => {
                *place = Seat::Told(reply);
                Some(waker)
            }
            Seat::Left => {
                self.free.push(seat);
                None
            }
            other => {
                *place = other;
                None
            }
        }
    }
}

impl Batch {
    fn of(key: &[u8], seat: usize) -> Self {
        let mut batch = Self {
            cmd: redis::cmd("MGET"),
            bytes: 0,
            seats: Vec::new(),
        };
        batch.add(key, seat);
        batch
    }

    /// Whether `key` may go with those that are there. On a cluster it would have to be in their slot.
    fn takes(&self, key: &[u8], most: usize) -> bool {
        self.seats.len() < most && self.bytes + key.len() <= BYTES
    }

    fn add(&mut self, key: &[u8], seat: usize) {
        self.cmd.arg(key);
        self.bytes += key.len();
        self.seats.push(seat);
    }

    /// What is sent for it.
    pub(super) fn cmd(&mut self) -> Cmd {
        let cmd = std::mem::take(&mut self.cmd);
        if self.seats.len() > 1 {
            return cmd;
        }
        let mut alone = redis::cmd("GET");
        if let Some(redis::Arg::Simple(key)) = cmd.args_iter().nth(1) {
            alone.arg(key);
        }
        alone
    }

    /// What was said to each, when `said` was said to all; nothing when the connection broke.
    pub(super) fn replies(self, said: Option<Value>) -> Vec<(usize, Reply)> {
        let Self { seats, .. } = self;
        match said {
            Some(Value::Array(values)) if values.len() == seats.len() => {
                let values = values.into_iter().map(Reply::Among);
                seats.into_iter().zip(values).collect()
            }
            Some(value) if let [seat] = seats[..] => vec![(seat, Reply::Alone(value))],
            Some(_) => seats.into_iter().map(|seat| (seat, Reply::Refused)).collect(),
            None => seats.into_iter().map(|seat| (seat, Reply::Lost)).collect(),
        }
    }
}

impl Reply {
    fn bytes(&self) -> usize {
        match self {
            Self::Alone(Value::BulkString(bytes)) | Self::Among(Value::BulkString(bytes)) => {
                bytes.len()
            }
            _ => 0,
        }
    }
}

/// One who asks. Dropped before it is polled nothing is asked for; later its reply goes nowhere.
pub(super) struct Asking<'a> {
    join: &'a Join,
    key: &'a [u8],
    seat: Option<usize>,
}

impl Future for Asking<'_> {
    type Output = Reply;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply> {
        match self.seat {
            None => self.sit(cx),
            Some(seat) => self.look(seat, cx),
        }
    }
}

impl Asking<'_> {
    fn sit(&mut self, cx: &Context<'_>) -> Poll<Reply> {
        let waker = cx.waker().clone();
        let mut desk = self.join.desk();
        if desk.has_ended {
            drop(desk);
            return Poll::Ready(Reply::Lost);
        }
        let (seat, is_first) = desk.sit(self.key, waker);
        drop(desk);
        self.seat = Some(seat);
        if is_first {
            self.join.driver.wake();
        }
        Poll::Pending
    }

    fn look(&mut self, seat: usize, cx: &Context<'_>) -> Poll<Reply> {
        // most of the time this is the one that was left there
        let mut own = None;
        loop {
            let mut desk = self.join.desk();
            let Some(place) = desk.seats.get_mut(seat) else {
                return Poll::Ready(Reply::Lost);
            };
            match (&*place, own.take()) {
                (Seat::Told(_), own) => {
                    let told = std::mem::replace(place, Seat::Free);
                    desk.free.push(seat);
                    drop(desk);
                    drop(own);
                    self.seat = None;
                    return match told {
                        Seat::Told(reply) => Poll::Ready(reply),
                        _ => Poll::Ready(Reply::Lost),
                    };
                }
                (Seat::Waiting(waker), _) if waker.will_wake(cx.waker()) => return Poll::Pending,
                (_, Some(waker)) => {
                    let old = std::mem::replace(place, Seat::Waiting(waker));
                    drop(desk);
                    drop(old);
                    return Poll::Pending;
                }
                (_, None) => {
                    drop(desk);
                    own = Some(cx.waker().clone());
                }
            }
        }
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let Some(seat) = self.seat else {
            return;
        };
        let mut desk = self.join.desk();
        let Some(place) = desk.seats.get_mut(seat) else {
            return;
        };
        let old = std::mem::replace(place, Seat::Left);
        if matches!(old, Seat::Told(_)) {
            *place = Seat::Free;
            desk.free.push(seat);
        }
        drop(desk);
        // a waker is the executor's
        drop(old);
    }
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch")
            .field("keys", &self.seats.len())
            .finish_non_exhaustive()
    }
}
