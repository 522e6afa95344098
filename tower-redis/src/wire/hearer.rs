//! Who hears what is published.

use crate::clock::Moment;

/// What to hear from the start.
#[derive(Debug, Clone)]
pub(crate) enum Interest {
    /// These channels, by their literal names.
    Channels(Vec<Vec<u8>>),
    /// Every channel of the server.
    Everything,
}

/// Called on the home thread, one call after the other and in the order in which things happened. It
/// must not block: nothing else is heard, probed or timed meanwhile.
pub(crate) trait Hearer: Send + Sync {
    /// Everything that was wanted when the connection was made is being listened to: the first time, and
    /// again after each [`lost`](Self::lost). Messages on one of several channels may come before it. It does
    /// not come while the server refuses one of them, for a right that is missing.
    fn connected(&self);

    /// Somebody published `payload`. It comes once, also where the channel is one of those that were
    /// named and everything is listened to.
    fn message(&self, channel: &[u8], payload: &[u8]);

    /// The server answered a PING that was sent at `sent`, by the coarse clock. Every message that it
    /// had passed on before was handed over before. Only after [`connected`](Self::connected).
    fn alive(&self, sent: Moment) {
        let _ = sent;
    }

    /// The connection ended, or two seconds passed without an answer. It is being made again. Called
    /// once, and only after [`connected`](Self::connected).
    fn lost(&self);
}
