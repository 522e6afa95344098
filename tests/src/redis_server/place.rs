//! Where a server is.

use std::hash::{BuildHasher as _, RandomState};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

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
pub(super) fn url(port: Option<u16>, socket: &Path, password: Option<&str>) -> String {
    let password = password.map(percent_encoded);
    match (port, password) {
        (Some(port), None) => format!("redis://127.0.0.1:{port}"),
        (Some(port), Some(password)) => format!("redis://:{password}@127.0.0.1:{port}"),
        (None, None) => format!("redis+unix://{}", socket.display()),
        (None, Some(password)) => format!("redis+unix://{}?pass={password}", socket.display()),
    }
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
