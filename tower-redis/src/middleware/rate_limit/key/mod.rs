//! Who is counted.

mod contract;
mod global;
mod header;
mod peer_ip;

pub use contract::{RequestKey, Unidentified};
pub use global::Global;
pub use header::Header;
pub use peer_ip::PeerIp;
