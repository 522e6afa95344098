//! What a watch hears over the wire.

use std::sync::Arc;

use crate::clock::Moment;
use crate::wire::Hearer;

use super::watch::Watch;

#[derive(Debug)]
pub(super) struct Ears(pub(super) Arc<Watch>);

impl Hearer for Ears {
    fn connected(&self) {
        self.0.connected();
    }

    fn message(&self, channel: &[u8], payload: &[u8]) {
        self.0.message(channel, payload);
    }

    fn alive(&self, sent: Moment) {
        self.0.alive(sent);
    }

    fn lost(&self) {
        self.0.lost();
    }
}
