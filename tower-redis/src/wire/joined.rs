//! Keys that go in one command, and what was said to those who ask for them.

use redis::{Cmd, Value};
use smallvec::{SmallVec, smallvec};

/// Keys in one command.
pub(super) const AT_ONCE: usize = 128;
/// Bytes that one command may take, and that its reply should take, as far as that is known beforehand: a large
/// value holds up those that are asked for with it.
pub(super) const BYTES: usize = 64 * 1024;

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

/// Keys that go together, and who asks for them.
pub(super) struct Joined {
    /// A GET, until somebody joins the first.
    cmd: Cmd,
    bytes: usize,
    seats: SmallVec<[usize; 4]>,
}

impl Joined {
    pub(super) fn of(key: &[u8], seat: usize) -> Self {
        let mut cmd = redis::cmd("GET");
        cmd.arg(key);
        Self {
            cmd,
            bytes: key.len(),
            seats: smallvec![seat],
        }
    }

    /// Whether `key` may go with those that are there. On a cluster it would have to be in their slot.
    pub(super) fn takes(&self, key: &[u8], most: usize) -> bool {
        self.seats.len() < most && self.bytes + key.len() <= BYTES
    }

    pub(super) fn add(&mut self, key: &[u8], seat: usize) {
        if let [_] = self.seats[..] {
            self.cmd = several(&self.cmd);
        }
        self.cmd.arg(key);
        self.bytes += key.len();
        self.seats.push(seat);
    }

    /// How many keys.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.seats.len()
    }

    /// What is sent for it.
    pub(super) fn cmd(&mut self) -> Cmd {
        std::mem::take(&mut self.cmd)
    }

    /// What was said to each, when `said` was said to all; nothing when the connection broke. Tells how many bytes
    /// each of them has, on the average.
    pub(super) fn tell(
        self,
        said: Option<Value>,
        replies: &mut impl Extend<(usize, Reply)>,
    ) -> usize {
        let Self { seats, .. } = self;
        let keys = seats.len();
        let mut bytes = 0;
        match said {
            Some(Value::Array(values)) if values.len() == keys => {
                let values = values.into_iter().inspect(|value| bytes += size(value));
                replies.extend(seats.into_iter().zip(values.map(Reply::Among)));
            }
            Some(value) if let [seat] = seats[..] => {
                bytes = size(&value);
                replies.extend([(seat, Reply::Alone(value))]);
            }
            Some(_) => replies.extend(seats.into_iter().map(|seat| (seat, Reply::Refused))),
            None => replies.extend(seats.into_iter().map(|seat| (seat, Reply::Lost))),
        }
        bytes / keys.max(1)
    }
}

/// The command that asks for several, for what `alone` asks for.
fn several(alone: &Cmd) -> Cmd {
    // room for as many as there are when many ask
    let mut cmd = Cmd::with_capacity(AT_ONCE / 4, AT_ONCE * 16);
    cmd.arg("MGET");
    if let Some(redis::Arg::Simple(key)) = alone.args_iter().nth(1) {
        cmd.arg(key);
    }
    cmd
}

fn size(value: &Value) -> usize {
    match value {
        Value::BulkString(bytes) => bytes.len(),
        _ => 0,
    }
}

impl std::fmt::Debug for Joined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Joined")
            .field("keys", &self.seats.len())
            .finish_non_exhaustive()
    }
}
