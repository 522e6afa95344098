//! The address at the other end of the connection.

use std::net::SocketAddr;

use http::Extensions;

/// The address of the peer of a connection, as an extension of its requests.
///
/// A server tells the layers with it who is calling; with hyper, where a connection is served:
///
/// ```
/// use std::net::SocketAddr;
/// use http::Request;
/// use tower_redis::middleware::PeerAddr;
///
/// fn tell<B>(request: &mut Request<B>, peer: SocketAddr) {
///     request.extensions_mut().insert(PeerAddr(peer));
/// }
/// ```
///
/// With axum, `into_make_service_with_connect_info::<SocketAddr>()` and the feature `axum` do the
/// same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PeerAddr(pub SocketAddr);

/// The peer, from whoever told.
pub(crate) fn peer_of(extensions: &Extensions) -> Option<SocketAddr> {
    if let Some(PeerAddr(peer)) = extensions.get() {
        return Some(*peer);
    }
    #[cfg(feature = "axum")]
    if let Some(peer) = super::axum::connect_info(extensions) {
        return Some(peer);
    }
    None
}
