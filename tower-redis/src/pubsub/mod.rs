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

mod bus;
mod contract;
mod event;
#[cfg(test)]
mod laws;
mod local;
mod queue;
mod subscription;

pub use bus::Bus;
pub use event::{Event, Lagged};
pub use subscription::Subscription;
