//! The layers: HTTP at the edge of a service.

#[cfg(feature = "http-cache")]
pub mod http_cache;
