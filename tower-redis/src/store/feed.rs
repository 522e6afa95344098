//! What a feed says, and who is told.

#[cfg(any(test, feature = "testing"))]
use std::sync::atomic::Ordering;

use bytes::Bytes;

use super::hears::Heard;
use super::message::{Message, Told};
use super::pattern::Pattern;
use super::position::Position;
use super::token::Part;
use super::watch::{Watch, alive};

impl Watch {
    /// Somebody published `payload` on `channel`.
    pub(super) fn message(&self, channel: &[u8], payload: &[u8]) {
        if channel == self.channel {
            self.ours(payload);
        } else if channel == self.foreign {
            self.foreign(payload);
        }
    }

    fn ours(&self, payload: &[u8]) {
        let Some(message) = Message::parse(payload) else {
            self.missed();
            return;
        };
        let position = Position {
            epoch: message.epoch,
            sequence: message.sequence,
        };
        let before = self.position().replace(position);
        if before.is_some_and(|before| !before.is_followed_by(position)) {
            self.missed();
        }
        let echo = message.from == self.instance;
        match &message.told {
            Told::Started(prefix) => {
                alive(&self.tenders)
                    .iter()
                    .for_each(|tender| tender.started(prefix));
            }
            Told::Done(prefix) => {
                alive(&self.tenders)
                    .iter()
                    .for_each(|tender| tender.done(prefix));
            }
            Told::Settled(_) => {}
            // it would undo the `put` it tells of
            _ if echo => {}
            Told::Keys(keys) => keys.iter().for_each(|key| self.tell(Heard::Key(key))),
            Told::Expired(keys) => keys.iter().for_each(|key| self.tell(Heard::Expired(key))),
            Told::Tokens(tokens) => tokens
                .iter()
                .for_each(|(key, _)| self.tell(Heard::Token(key, Part::Hard))),
            Told::Softened(tokens) => tokens
                .iter()
                .for_each(|key| self.tell(Heard::Token(key, Part::Soft))),
            Told::Matching(pattern) => self.tell(Heard::Matching(pattern)),
        }
        self.wake(&message.told);
    }

    /// Wakes those who wait for what is told; also of what this process did itself.
    fn wake(&self, told: &Told) {
        match told {
            Told::Keys(keys) | Told::Expired(keys) | Told::Settled(keys) => {
                keys.iter().for_each(|key| self.arrivals.ring(key));
            }
            Told::Matching(pattern) => self.arrivals.ring_matching(pattern),
            Told::Tokens(_) | Told::Softened(_) | Told::Started(_) | Told::Done(_) => {}
        }
    }

    fn foreign(&self, prefix: &[u8]) {
        if prefix.is_empty() {
            tracing::warn!(
                "an empty prefix was published on `cache:invalidate` and is ignored; expected what \
                 the keys to remove start with"
            );
            return;
        }
        let pattern = Pattern::prefix(prefix);
        self.tell(Heard::Matching(&pattern));
        self.arrivals.ring_matching(&pattern);
        let prefix = Bytes::copy_from_slice(prefix);
        alive(&self.tenders)
            .iter()
            .for_each(|tender| tender.wanted(&prefix));
    }

    fn missed(&self) {
        #[cfg(any(test, feature = "testing"))]
        if self.deaf.load(Ordering::Relaxed) {
            return;
        }
        self.begin_epoch();
    }
}
