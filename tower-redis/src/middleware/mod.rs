//! The Tower layers.

#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "rate-limit")]
mod peer;
#[cfg(feature = "rate-limit")]
pub mod rate_limit;

#[cfg(feature = "axum")]
pub use axum::NotLimited;
#[cfg(feature = "rate-limit")]
pub use peer::PeerAddr;
