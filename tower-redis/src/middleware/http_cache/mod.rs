//! An HTTP cache as a layer.

mod answer;
mod ask;
mod body;
mod cache_status;
mod course;
mod exchange;
mod future;
mod keeper;
mod key;
mod layer;
mod passage;
mod pump;
mod received;
mod rfc9111;
mod service;
mod shared;
mod stored;
mod tape;

pub use body::CacheBody;
pub use future::CacheFuture;
pub use layer::CacheLayer;
pub use service::CacheService;
