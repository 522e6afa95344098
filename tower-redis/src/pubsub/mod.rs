//! Telling others: messages on named channels.
//!
//! A message is any JSON. Whoever subscribed to its channel before it was published gets it, in the
//! order of publication; nothing is kept for later. A subscription holds a bounded number of messages:
//! who reads too slowly loses the oldest ones and is told how many, and never makes a publisher wait.
//!
//! ```
//! use serde_json::json;
//! use tower_redis::pubsub::Bus;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let bus = Bus::local();
//! let mut orders = bus.subscribe("orders")?;
//! bus.publish("orders", &json!({ "id": 7, "paid": true })).await?;
//!
//! let event = orders.next().await.ok_or("the bus is gone")??;
//! assert_eq!(event.channel(), "orders");
//! assert_eq!(event.message()["id"], 7);
//! # Ok(())
//! # }
//! ```
//!
//! # Guarantees
//! - Two messages on one channel reach every subscription in the same order.
//! - When [`Bus::publish`] has returned, the message waits in every subscription of this process.
//! - A message is delivered at most once to a subscription.
//!
//! # Over Redis
//! With `REDIS_URL` the bus of a toolkit carries messages between processes by Redis' PUBLISH, with the
//! channel's name as given and the message as compact JSON: `redis-cli PUBLISH news '{"a":1}'` is an
//! event like any other. What is not JSON arrives as a JSON string (bytes that are not UTF-8 are
//! replaced); a channel whose name is not UTF-8 is not heard. Redis' channels do not belong to a
//! database: all databases of a server share them.
//!
//! - A subscription to all leaves out channels that start with `__`, those of the library itself
//!   (`{namespace}:..`), and `cache:invalidate`. Subscribed to by name, they are heard.
//! - A subscription begins for this process when `subscribe` returns, and for others when Redis has
//!   confirmed it, a moment later: what they publish in between is not heard.
//! - The order is that of Redis, the same in every process, once Redis has confirmed and while it answers.
//! - While Redis is away, or has not confirmed yet, a message reaches the subscriptions of its own
//!   process, exactly once; what others publish then is lost for this process, and nobody is told.
//! - A message whose fate is unknown, because Redis did not answer in time, is delivered to its own
//!   process. If it comes back within ten seconds it is not delivered again; one with the same content
//!   from elsewhere may then be taken for it. It is not sent again.

mod bus;
mod contract;
mod event;
#[cfg(test)]
mod laws;
mod local;
#[cfg(feature = "redis")]
mod own;
mod queue;
#[cfg(feature = "redis")]
mod redis;
mod subscription;
#[cfg(feature = "redis")]
mod wanted;

pub use bus::Bus;
pub use event::{Event, Lagged};
pub use subscription::Subscription;
