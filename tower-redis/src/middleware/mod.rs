//! Everything that knows Tower and HTTP.

#[cfg(all(feature = "axum", feature = "rate-limit"))]
mod axum;
#[cfg(all(feature = "axum", feature = "rate-limit"))]
mod axum_peer;
#[cfg(all(feature = "axum", any(feature = "http-cache", feature = "rate-limit")))]
mod axum_target;
#[cfg(any(feature = "http-cache", feature = "rate-limit"))]
mod for_all;
#[cfg(feature = "http-cache")]
pub mod http_cache;
#[cfg(feature = "rate-limit")]
mod peer;
#[cfg(feature = "rate-limit")]
pub mod rate_limit;
pub mod scope;

#[cfg(all(feature = "axum", feature = "rate-limit"))]
pub use axum::NotLimited;
#[cfg(all(feature = "axum", feature = "rate-limit"))]
pub use axum_peer::PeerUnknown;
#[cfg(feature = "rate-limit")]
pub use peer::PeerAddr;
