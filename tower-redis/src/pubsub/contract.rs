//! What carries messages promises.

use std::future::Future;
use std::pin::Pin;

use crate::error::Error;

use super::event::Event;
use super::subscription::Subscription;

/// A future that a [`Transport`] chosen at run time returns.
pub(super) type Delivery<'a> = Pin<Box<dyn Future<Output = Result<usize, Error>> + Send + 'a>>;

/// Carries events from publishers to subscriptions. Its laws are in `laws.rs`; every transport runs
/// them.
pub(super) trait Transport: Send + Sync {
    /// Hands `event` to every subscription that is interested in it, and tells to how many of this
    /// process. It never waits for a subscriber. Being unable to tell other processes is no error.
    fn publish(&self, event: Event) -> Delivery<'_>;

    /// A subscription to what is published from now on: to one channel, or to all.
    fn subscribe(&self, channel: Option<&str>) -> Subscription;
}
