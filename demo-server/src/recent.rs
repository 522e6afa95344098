//! The events of the last while, for those who ask later.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde::Serialize;
use serde_json::Value;
use tower_redis::pubsub::{Bus, Event, Subscription};

use crate::timestamp::rfc3339;

/// Events that are kept, over all channels.
const KEPT: usize = 500;

pub(crate) struct Recent(Mutex<Inner>);

struct Inner {
    subscription: Subscription,
    // the newest in front
    events: VecDeque<(Event, SystemTime)>,
}

/// One event as it is told.
#[derive(Debug, Serialize)]
pub(crate) struct Received {
    channel: String,
    message: Value,
    received_at: String,
}

impl Recent {
    /// Remembers what is published on `bus` from now on.
    pub(crate) fn on(bus: &Bus) -> Self {
        Self(Mutex::new(Inner {
            subscription: bus.subscribe_all(),
            events: VecDeque::new(),
        }))
    }

    /// Takes in what has arrived, at `now`. Whoever publishes or asks does so, which is why what was
    /// published is seen by the next who asks, without a task in between.
    pub(crate) fn take_in(&self, now: SystemTime) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(arrived) = inner.subscription.try_next() {
            match arrived {
                Ok(event) => inner.events.push_front((event, now)),
                Err(lagged) => tracing::warn!("{lagged}"),
            }
        }
        inner.events.truncate(KEPT);
    }

    /// The newest `limit` events, the newest first; of one channel, or of all.
    pub(crate) fn newest(&self, limit: usize, channel: Option<&str>) -> Vec<Received> {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = inner
            .events
            .iter()
            .filter(|(event, _)| channel.is_none_or(|channel| channel == event.channel()));
        let found: Vec<_> = wanted.take(limit).cloned().collect();
        drop(inner);
        let received = |(event, at): (Event, SystemTime)| Received {
            channel: event.channel().to_owned(),
            message: event.message().clone(),
            received_at: rfc3339(at),
        };
        found.into_iter().map(received).collect()
    }
}
