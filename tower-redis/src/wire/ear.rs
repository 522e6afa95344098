//! What one connection hears.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redis::{PushInfo, PushKind, Value};

use crate::clock::Moment;

use super::hearer::Hearer;
use super::set::Set;

/// Hands over what the server sends. Its driver calls [`hear`](Self::hear) in the order in which that
/// was sent, so what is confirmed here is confirmed at this point of the stream.
pub(super) struct Ear {
    hearer: Arc<dyn Hearer>,
    heard: Mutex<Heard>,
}

struct Heard {
    now: Set,
    phase: Phase,
}

#[derive(PartialEq, Eq)]
enum Phase {
    /// These are not confirmed yet; one that the server refuses never is.
    Connecting(Set),
    Connected,
    Closed,
}

impl Ear {
    /// `hearer` is told that it is connected when all that is `missing` is confirmed.
    pub(super) fn new(hearer: Arc<dyn Hearer>, missing: Set) -> Self {
        Self {
            hearer,
            heard: Mutex::new(Heard {
                now: Set::default(),
                phase: Phase::Connecting(missing),
            }),
        }
    }

    /// A PING that was sent at `sent` was answered. Where something is missing that is no sign of life: it
    /// would say that nothing is missed.
    pub(super) fn alive(&self, sent: Moment) {
        if self.heard().phase == Phase::Connected {
            self.hearer.alive(sent);
        }
    }

    pub(super) fn hear(&self, PushInfo { kind, data }: PushInfo) {
        let data: Vec<&[u8]> = data.iter().map_while(bytes).collect();
        match (kind, &data[..]) {
            (PushKind::Message, [channel, payload]) => self.message(channel, payload),
            // what is also listened to by its name comes as a message of its own
            (PushKind::PMessage, [_, channel, payload])
                if !self.heard().now.channels.contains(*channel) =>
            {
                self.message(channel, payload);
            }
            (PushKind::Subscribe, [channel, ..]) => {
                self.heard().now.channels.insert(channel.to_vec());
                self.confirmed(|missing| missing.channels.remove(*channel));
            }
            (PushKind::PSubscribe, _) => {
                self.heard().now.everything = true;
                self.confirmed(|missing| std::mem::take(&mut missing.everything));
            }
            (PushKind::Unsubscribe, [channel, ..]) => {
                self.heard().now.channels.remove(*channel);
            }
            (PushKind::PUnsubscribe, _) => self.heard().now.everything = false,
            _ => {}
        }
    }

    fn message(&self, channel: &[u8], payload: &[u8]) {
        if self.heard().phase != Phase::Closed {
            self.hearer.message(channel, payload);
        }
    }

    fn confirmed(&self, was_missing: impl FnOnce(&mut Set) -> bool) {
        let mut heard = self.heard();
        let connected = match &mut heard.phase {
            Phase::Connecting(missing) => was_missing(missing) && missing.is_empty(),
            Phase::Connected | Phase::Closed => false,
        };
        if connected {
            heard.phase = Phase::Connected;
            drop(heard);
            self.hearer.connected();
        }
    }

    /// Whether what is published on `channel` now is going to be heard.
    pub(super) fn hears(&self, channel: &[u8]) -> bool {
        let heard = self.heard();
        heard.phase != Phase::Closed
            && (heard.now.everything || heard.now.channels.contains(channel))
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

        fn alive(&self, _: Moment) {
            self.note("alive");
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

    fn set(channels: &[&str], everything: bool) -> Set {
        let bytes = channels.iter().map(|channel| channel.as_bytes().to_vec());
        Set {
            channels: bytes.collect(),
            everything,
        }
    }

    #[test]
    fn while_something_is_missing_nothing_is_connected_nor_alive() {
        let notes = Arc::new(Notes::default());
        let ear = Ear::new(notes.clone(), set(&["a", "b"], false));
        ear.hear(push(PushKind::Subscribe, &["a"]));
        // one that was added later stands for none of the first
        ear.hear(push(PushKind::Subscribe, &["c"]));
        ear.hear(push(PushKind::Message, &["c", "1"]));
        ear.alive(Moment::default());
        assert!(ear.hears(b"a") && !ear.hears(b"b"));
        ear.hear(push(PushKind::Subscribe, &["b"]));
        ear.alive(Moment::default());
        assert!(ear.close());
        ear.alive(Moment::default());
        let heard = ["c=1", "connected", "alive", "lost"];
        assert_eq!(*notes.0.lock().unwrap(), heard);
    }

    #[test]
    fn a_message_comes_once_however_it_is_listened_to() {
        let notes = Arc::new(Notes::default());
        let ear = Ear::new(notes.clone(), set(&["a"], true));
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
