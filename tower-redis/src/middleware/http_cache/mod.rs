//! An HTTP cache as a layer.

mod answer;
mod body;
mod cache_status;
mod exchange;
mod future;
mod keeper;
mod key;
mod layer;
mod rfc9111;
mod service;
mod shared;
mod stored;
mod tape;
#[cfg(test)]
mod tests;

pub use body::CacheBody;
pub use future::CacheFuture;
pub use layer::CacheLayer;
pub use service::CacheService;
