//! What handlers of axum take and answer.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::response::{IntoResponse, Response};

use super::peer::Peer;

impl Peer for ConnectInfo<SocketAddr> {
    fn address(&self) -> IpAddr {
        self.0.ip()
    }
}

/// `answer`, as the same type whatever it is.
pub fn respond(answer: impl IntoResponse) -> Response {
    answer.into_response()
}
