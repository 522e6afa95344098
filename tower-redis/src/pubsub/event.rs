//! What a subscription yields.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

/// One message and the channel it was published on. Clones share the message.
#[derive(Clone, PartialEq)]
pub struct Event(Arc<Content>);

#[derive(PartialEq)]
struct Content {
    channel: Box<str>,
    message: Value,
}

impl Event {
    pub(super) fn new(channel: &str, message: Value) -> Self {
        let channel = channel.into();
        Self(Arc::new(Content { channel, message }))
    }

    /// The channel's name, as the publisher wrote it.
    #[must_use]
    pub fn channel(&self) -> &str {
        &self.0.channel
    }

    /// What was published.
    #[must_use]
    pub fn message(&self) -> &Value {
        &self.0.message
    }
}

// messages belong to the user and stay out of logs
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("channel", &self.0.channel)
            .finish_non_exhaustive()
    }
}

/// A subscription was read too slowly: `missed` messages, the oldest that waited, are lost. The next
/// one it yields follows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{missed} messages were lost because the subscription was read too slowly")]
#[non_exhaustive]
pub struct Lagged {
    /// How many messages were lost since the last one this subscription yielded.
    pub missed: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_leaves_the_message_out() {
        let event = Event::new("users", "hunter2".into());
        assert_eq!(format!("{event:?}"), r#"Event { channel: "users", .. }"#);
    }
}
