//! The client of a handler, by the argument that tells its address.

use std::net::IpAddr;

use crate::key::{CacheKey as _, KeyWriter};
use crate::middleware::PeerAddr;
use crate::middleware::rate_limit::PeerIp;

/// What tells the address of who calls.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not tell the address of the client",
    label = "expected `ConnectInfo<SocketAddr>` or `PeerAddr`",
    note = "`ConnectInfo<SocketAddr>` needs the feature `axum` of tower-redis",
    note = "say whose quota it is with `key = \"..\"`"
)]
pub trait Peer {
    /// It.
    fn address(&self) -> IpAddr;
}

impl Peer for PeerAddr {
    fn address(&self) -> IpAddr {
        self.0.ip()
    }
}

/// The key of the client that `peer` tells, as [`PeerIp`] has it.
pub fn client(peer: &(impl Peer + ?Sized)) -> KeyWriter {
    let subject = PeerIp::new().subject(peer.address());
    let mut key = KeyWriter::new();
    subject.write(&mut key);
    key
}
