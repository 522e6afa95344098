//! What has passed.

use std::collections::BTreeMap;

use crate::resp::reply::{NotResp, Reply, parse};

/// What has passed through a proxy so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections that were accepted.
    pub connections: u64,
    /// Commands on their way to the server, by name in capitals.
    pub commands: BTreeMap<String, u64>,
    /// Values on their way to clients: replies, messages and pushes.
    pub replies: u64,
    /// How often a client spoke after the server had, or for the first time: on a connection without
    /// pipelining, the round trips.
    pub round_trips: u64,
    /// Bytes on their way to the server.
    pub to_server: u64,
    /// Bytes on their way to clients.
    pub to_client: u64,
}

impl Counts {
    /// How often this command has passed.
    #[must_use]
    pub fn command(&self, name: &str) -> u64 {
        self.commands.get(name).copied().unwrap_or(0)
    }

    /// How many commands have passed.
    #[must_use]
    pub fn all_commands(&self) -> u64 {
        self.commands.values().sum()
    }

    /// What has passed since `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let commands = self.commands.iter().filter_map(|(name, count)| {
            let more = count - earlier.command(name);
            (more > 0).then(|| (name.clone(), more))
        });
        Self {
            connections: self.connections - earlier.connections,
            commands: commands.collect(),
            replies: self.replies - earlier.replies,
            round_trips: self.round_trips - earlier.round_trips,
            to_server: self.to_server - earlier.to_server,
            to_client: self.to_client - earlier.to_client,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    ToServer,
    ToClient,
}

/// Reads along on one connection.
#[derive(Debug, Default)]
pub(super) struct Ear {
    asked: Heard,
    answered: Heard,
    last: Option<Way>,
}

#[derive(Debug, Default)]
struct Heard {
    bytes: Vec<u8>,
    deaf: bool,
}

impl Ear {
    pub(super) fn hear(&mut self, way: Way, bytes: &[u8], counts: &mut Counts) {
        if bytes.is_empty() {
            return;
        }
        let length = bytes.len() as u64;
        match way {
            Way::ToServer => {
                counts.to_server += length;
                if self.last != Some(way) {
                    counts.round_trips += 1;
                }
                self.asked.hear(bytes, |command| {
                    *counts.commands.entry(name(&command)).or_default() += 1;
                });
            }
            Way::ToClient => {
                counts.to_client += length;
                self.answered.hear(bytes, |_| counts.replies += 1);
            }
        }
        self.last = Some(way);
    }
}

impl Heard {
    fn hear(&mut self, bytes: &[u8], mut tell: impl FnMut(Reply)) {
        if self.deaf {
            return;
        }
        self.bytes.extend_from_slice(bytes);
        let mut rest = self.bytes.as_slice();
        loop {
            match parse(rest) {
                Ok(Some((value, taken))) => {
                    tell(value);
                    rest = rest.get(taken..).unwrap_or_default();
                }
                Ok(None) => break,
                // what follows cannot be told apart any more
                Err(NotResp) => {
                    self.deaf = true;
                    rest = &[];
                    break;
                }
            }
        }
        let left = rest.len();
        self.bytes.drain(..self.bytes.len() - left);
    }
}

fn name(command: &Reply) -> String {
    match command {
        Reply::Array(parts) => match parts.first() {
            Some(Reply::Bulk(name)) => String::from_utf8_lossy(name).to_uppercase(),
            _ => "?".to_owned(),
        },
        _ => "?".to_owned(),
    }
}
