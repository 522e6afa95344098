//! Where a server is.

use std::hash::{BuildHasher as _, RandomState};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;

use crate::canary::percent_encoded;
use crate::redis_server::options::Login;

/// Ports that the system does not give to connections of its own accord, so that a server that is
/// restarted finds its port free.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A port that was free a moment ago. Redis 7.0 takes no port 0, so the caller has to try another one
/// when somebody was faster.
pub(super) fn free_port() -> u16 {
    let span = u64::from(PORTS.end - PORTS.start);
    loop {
        let offset = RandomState::new().hash_one(0) % span;
        let port = PORTS.start + u16::try_from(offset).unwrap_or_default();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// The URL of a server that has a port, or else is at a unix socket.
pub(super) fn url(port: Option<u16>, socket: &Path, login: Option<&Login>) -> String {
    if let Some(port) = port {
        return url_at((Ipv4Addr::LOCALHOST, port).into(), login);
    }
    let mut url = format!("redis+unix://{}", socket.display());
    if let Some(Login { user, password }) = login {
        let user = user.as_deref().map(percent_encoded);
        let user = user.map(|user| format!("user={user}&")).unwrap_or_default();
        url.push_str(&format!("?{user}pass={}", percent_encoded(password)));
    }
    url
}

/// The URL of a server at `address`.
pub(crate) fn url_at(address: SocketAddr, login: Option<&Login>) -> String {
    let Some(Login { user, password }) = login else {
        return format!("redis://{address}");
    };
    let user = user.as_deref().map(percent_encoded).unwrap_or_default();
    format!("redis://{user}:{}@{address}", percent_encoded(password))
}
