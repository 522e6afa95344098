//! What one connection hears.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redis::{PushInfo, PushKind, Value};

use super::hearer::Hearer;

/// Hands over what the server sends. Its driver calls [`hear`](Self::hear) in the order in which that
/// was sent, so what is confirmed here is confirmed at this point of the stream.
pub(super) struct Ear {
    hearer: Arc<dyn Hearer>,
    heard: Mutex<Heard>,
}

struct Heard {
    channels: BTreeSet<Vec<u8>>,
    everything: bool,
    phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// So many confirmations are missing.
    Connecting(usize),
    Connected,
    Closed,
}

impl Ear {
    /// `hearer` is told that it is connected after so many confirmations.
    pub(super) fn new(hearer: Arc<dyn Hearer>, missing: usize) -> Self {
        Self {
            hearer,
            heard: Mutex::new(Heard {
                channels: BTreeSet::new(),
                everything: false,
                phase: Phase::Connecting(missing),
            }),
        }
    }

    pub(super) fn hearer(&self) -> &dyn Hearer {
        &*self.hearer
    }

    pub(super) fn hear(&self, PushInfo { kind, data }: PushInfo) {
        let data: Vec<&[u8]> = data.iter().map_while(bytes).collect();
        match (kind, &data[..]) {
            (PushKind::Message, [channel, payload]) => self.message(channel, payload),
            // what is also listened to by its name comes as a message of its own
            (PushKind::PMessage, [_, channel, payload])
                if !self.heard().channels.contains(*channel) =>
            {
                self.message(channel, payload);
            }
            (PushKind::Subscribe, [channel, ..]) => self.confirmed(|heard| {
                heard.channels.insert(channel.to_vec());
            }),
            (PushKind::PSubscribe, _) => self.confirmed(|heard| heard.everything = true),
            (PushKind::Unsubscribe, [channel, ..]) => {
                self.heard().channels.remove(*channel);
            }
            (PushKind::PUnsubscribe, _) => self.heard().everything = false,
            _ => {}
        }
    }

    fn message(&self, channel: &[u8], payload: &[u8]) {
        if self.heard().phase != Phase::Closed {
            self.hearer.message(channel, payload);
        }
    }

    fn confirmed(&self, change: impl FnOnce(&mut Heard)) {
        let mut heard = self.heard();
        change(&mut heard);
        heard.phase = match heard.phase {
            Phase::Connecting(0 | 1) => Phase::Connected,
            Phase::Connecting(missing) => Phase::Connecting(missing - 1),
            Phase::Connected | Phase::Closed => return,
        };
        let connected = heard.phase == Phase::Connected;
        drop(heard);
        if connected {
            self.hearer.connected();
        }
    }

    /// Whether what is published on `channel` now is going to be heard.
    pub(super) fn hears(&self, channel: &[u8]) -> bool {
        let heard = self.heard();
        heard.phase != Phase::Closed && (heard.everything || heard.channels.contains(channel))
    }

    /// Nothing is heard any more. True when it had been connected.
    pub(super) fn close(&self) -> bool {
        let was = std::mem::replace(&mut self.heard().phase, Phase::Closed);
        if was == Phase::Connected {
            self.hearer.lost();
        }
        was == Phase::Connected
    }

    /// Nothing is heard any more, and nobody wants to be told.
    pub(super) fn mute(&self) {
        self.heard().phase = Phase::Closed;
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bytes(value: &Value) -> Option<&[u8]> {
    match value {
        Value::BulkString(bytes) => Some(bytes),
        Value::SimpleString(text) => Some(text.as_bytes()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Notes(Mutex<Vec<String>>);

    impl Notes {
        fn note(&self, what: &str) {
            self.0.lock().unwrap().push(what.to_owned());
        }
    }

    impl Hearer for Notes {
        fn connected(&self) {
            self.note("connected");
        }

        fn message(&self, channel: &[u8], payload: &[u8]) {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            self.note(&format!("{}={}", text(channel), text(payload)));
        }

        fn lost(&self) {
            self.note("lost");
        }
    }

    fn push(kind: PushKind, data: &[&str]) -> PushInfo {
        let data = data
            .iter()
            .map(|text| Value::BulkString(text.as_bytes().to_vec()));
        PushInfo {
            kind,
            data: data.collect(),
        }
    }

    #[test]
    fn a_message_comes_once_however_it_is_listened_to() {
        let notes = Arc::new(Notes::default());
        let ear = Ear::new(notes.clone(), 2);
        let twice = |n: &str| {
            ear.hear(push(PushKind::Message, &["a", n]));
            ear.hear(push(PushKind::PMessage, &["*", "a", n]));
        };
        ear.hear(push(PushKind::Subscribe, &["a"]));
        ear.hear(push(PushKind::Message, &["a", "0"]));
        ear.hear(push(PushKind::PSubscribe, &["*"]));
        assert!(ear.hears(b"a") && ear.hears(b"b"));
        twice("1");
        ear.hear(push(PushKind::PMessage, &["*", "b", "2"]));
        ear.hear(push(PushKind::Unsubscribe, &["a"]));
        ear.hear(push(PushKind::PMessage, &["*", "a", "3"]));
        ear.hear(push(PushKind::Subscribe, &["a"]));
        twice("4");
        ear.hear(push(PushKind::PUnsubscribe, &["*"]));
        assert!(ear.hears(b"a") && !ear.hears(b"b"));
        assert!(ear.close());
        ear.hear(push(PushKind::Message, &["a", "5"]));
        assert!(!ear.hears(b"a"));
        assert!(!ear.close());
        assert_eq!(
            *notes.0.lock().unwrap(),
            ["a=0", "connected", "a=1", "b=2", "a=3", "a=4", "lost"]
        );
    }
}
