//! The peer as an argument of a handler of axum.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use super::peer::{PeerAddr, peer_of};

/// The address of who is at the other end of the connection, whoever told: `PeerAddr`, or `ConnectInfo<SocketAddr>`.
impl<S: Sync> FromRequestParts<S> for PeerAddr {
    type Rejection = PeerUnknown;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PeerUnknown> {
        let peer = peer_of(&parts.extensions);
        peer.map(Self).ok_or(PeerUnknown(()))
    }
}

/// A handler asked for a [`PeerAddr`] that nobody told: 500.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerUnknown(());

impl std::fmt::Display for PeerUnknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "a handler takes a `PeerAddr`, but its requests carry none; serve \
             `router.into_make_service_with_connect_info::<SocketAddr>()`, or insert one into the extensions of each \
             request",
        )
    }
}

impl std::error::Error for PeerUnknown {}

impl IntoResponse for PeerUnknown {
    fn into_response(self) -> Response {
        tracing::error!("{self}");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}
