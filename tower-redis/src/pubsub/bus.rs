//! The handle users publish and subscribe with.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use serde::Serialize;

use crate::error::{Error, ErrorKind};
#[cfg(feature = "redis")]
use crate::wire::Wire;

use super::contract::Transport;
use super::event::Event;
#[cfg(feature = "redis")]
use super::local::CAPACITY;
use super::local::Local;
#[cfg(feature = "redis")]
use super::redis::OverRedis;
use super::subscription::Subscription;

/// Publishes and subscribes. Clones are the same bus; see the [module docs](crate::pubsub).
#[derive(Clone)]
pub struct Bus(Arc<dyn Transport>);

impl Bus {
    /// A bus within this process.
    #[must_use]
    pub fn local() -> Self {
        Self::over(Local::new())
    }

    /// A bus between all processes that share the Redis of `wire`. Subscriptions to all leave out the
    /// channels that the library uses itself in `namespace`.
    #[cfg(feature = "redis")]
    #[must_use]
    pub(crate) fn redis(wire: &Wire, namespace: &str) -> Self {
        Self::over(OverRedis::new(wire, namespace, CAPACITY))
    }

    pub(super) fn over(transport: impl Transport + 'static) -> Self {
        Self(Arc::new(transport))
    }

    /// Publishes `message` on `channel` and tells how many subscriptions of this process got it; none
    /// is not an error. It does not wait for them to read it.
    ///
    /// Over Redis the number still counts this process alone, and it is no error that Redis is away:
    /// the message then reaches the subscriptions of this process and no others.
    ///
    /// # Errors
    /// When `channel` is empty, or `message` cannot be written as JSON. When Redis refuses it because its
    /// user may not publish on that channel; subscriptions of this process have got it then.
    ///
    /// # Cancellation
    /// `message` is written before the future is returned; dropping the future before it is polled
    /// publishes nothing. On a local bus a polled future is done at once; over Redis a future that is
    /// dropped later may have published.
    pub fn publish<M: Serialize + ?Sized>(
        &self,
        channel: &str,
        message: &M,
    ) -> impl Future<Output = Result<usize, Error>> + Send + use<M> {
        let transport = Arc::clone(&self.0);
        let event = event(channel, message);
        async move { transport.publish(event?).await }
    }

    /// What is published on `channel` from now on.
    ///
    /// # Errors
    /// When `channel` is empty.
    pub fn subscribe(&self, channel: &str) -> Result<Subscription, Error> {
        named(channel)?;
        Ok(self.0.subscribe(Some(channel)))
    }

    /// What is published on any channel from now on.
    #[must_use]
    pub fn subscribe_all(&self) -> Subscription {
        self.0.subscribe(None)
    }
}

fn named(channel: &str) -> Result<(), Error> {
    if channel.is_empty() {
        return Err(Error::config(
            "the channel is empty; expected a name of at least one character",
        ));
    }
    Ok(())
}

fn event(channel: &str, message: &(impl Serialize + ?Sized)) -> Result<Event, Error> {
    named(channel)?;
    let message = serde_json::to_value(message).map_err(|source| {
        let what = format!("the message for channel `{channel}` cannot be written as JSON");
        Error::new(ErrorKind::Encode, what).because(source)
    })?;
    Ok(Event::new(channel, message))
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bus").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::error::Error as _;

    use pollster::block_on;

    use super::*;

    #[test]
    fn an_empty_channel_is_refused() {
        let bus = Bus::local();
        let expected = "the channel is empty; expected a name of at least one character";
        assert_eq!(bus.subscribe("").unwrap_err().to_string(), expected);
        let error = block_on(bus.publish("", &1)).unwrap_err();
        assert!(error.is_config());
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_reason() {
        let not_json = BTreeMap::from([((1, 2), 3)]);
        let error = block_on(Bus::local().publish("a", &not_json)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode);
        assert_eq!(
            error.to_string(),
            "the message for channel `a` cannot be written as JSON"
        );
        assert!(error.source().is_some());
    }

    #[test]
    fn a_future_that_is_never_polled_publishes_nothing() {
        let bus = Bus::local();
        let mut all = bus.subscribe_all();
        drop(bus.publish("a", &1));
        assert!(all.try_next().is_none());
    }
}
