//! Keys that go in one command, and what was said to those who ask for them.

use redis::{Cmd, Value};

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
    cmd: Cmd,
    bytes: usize,
    seats: Vec<usize>,
}

impl Joined {
    pub(super) fn of(key: &[u8], seat: usize) -> Self {
        let mut batch = Self {
            cmd: redis::cmd("MGET"),
            bytes: 0,
            seats: Vec::new(),
        };
        batch.add(key, seat);
        batch
    }

    /// Whether `key` may go with those that are there. On a cluster it would have to be in their slot.
    pub(super) fn takes(&self, key: &[u8], most: usize) -> bool {
        self.seats.len() < most && self.bytes + key.len() <= BYTES
    }

    pub(super) fn add(&mut self, key: &[u8], seat: usize) {
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
            Some(_) => seats
                .into_iter()
                .map(|seat| (seat, Reply::Refused))
                .collect(),
            None => seats.into_iter().map(|seat| (seat, Reply::Lost)).collect(),
        }
    }
}

impl Reply {
    /// How large it is.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Alone(Value::BulkString(bytes)) | Self::Among(Value::BulkString(bytes)) => {
                bytes.len()
            }
            _ => 0,
        }
    }
}

impl std::fmt::Debug for Joined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Joined")
            .field("keys", &self.seats.len())
            .finish_non_exhaustive()
    }
}
