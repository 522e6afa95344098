//! Who is counted.

#[cfg(feature = "axum")]
mod axum_matched_path;
#[cfg(feature = "axum")]
mod axum_path_param;
mod chain;
mod contract;
mod cookie;
mod extension;
mod forwarded_ip;
mod found_out;
mod global;
mod header;
mod peer_ip;
mod per_policy;
mod together;
mod value;

#[cfg(feature = "axum")]
pub use axum_matched_path::MatchedPath;
#[cfg(feature = "axum")]
pub use axum_path_param::PathParam;
pub use chain::ForwardedField;
pub use contract::{Ahead, RequestKey, Unidentified};
pub use cookie::Cookie;
pub use extension::Extension;
pub use forwarded_ip::ForwardedIp;
pub use found_out::FoundOut;
pub(super) use found_out::head;
pub use global::Global;
pub use header::Header;
pub use peer_ip::PeerIp;
pub use per_policy::PerPolicy;
