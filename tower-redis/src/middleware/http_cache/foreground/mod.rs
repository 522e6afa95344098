//! The cache around a service that cannot go on by itself: one that is not `Clone`, or not `Send`.

mod future;
mod handle;
mod layer;
mod service;

pub use future::ForegroundFuture;
pub use layer::ForegroundLayer;
pub use service::ForegroundService;
