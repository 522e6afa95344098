//! Who is counted.

mod chain;
mod contract;
mod cookie;
mod extension;
mod forwarded_ip;
mod global;
mod header;
mod peer_ip;
mod together;
mod value;

pub use chain::ForwardedField;
pub use contract::{RequestKey, Unidentified};
pub use cookie::Cookie;
pub use extension::Extension;
pub use forwarded_ip::ForwardedIp;
pub use global::Global;
pub use header::Header;
pub use peer_ip::PeerIp;
