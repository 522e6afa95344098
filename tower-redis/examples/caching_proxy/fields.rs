//! Fields that are for one connection alone (RFC 9110 section 7.6.1), and `Via` (section 7.6.3).

use http::Version;
use http::header::{
    CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE, VIA,
};

/// Those that a sender need not name in `Connection`, and those between a proxy and its client alone
/// (sections 11.7.1 to 11.7.3).
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    HeaderName::from_static("proxy-authentication-info"),
    PROXY_AUTHORIZATION,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// How this proxy calls itself.
const PSEUDONYM: &str = "caching-proxy";

/// Drops what is not for the next connection.
pub(crate) fn drop_hop_by_hop(fields: &mut HeaderMap) {
    for name in listed(fields) {
        fields.remove(name);
    }
    // a length beside it is not to be believed, nor passed on (RFC 9112 section 6.3)
    if fields.contains_key(TRANSFER_ENCODING) {
        fields.remove(CONTENT_LENGTH);
    }
    for name in &HOP_BY_HOP {
        fields.remove(name);
    }
}

/// What `Connection` lists, in all its lines.
fn listed(fields: &HeaderMap) -> Vec<HeaderName> {
    let lines = fields.get_all(CONNECTION).iter();
    let members = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    members
        .filter_map(|member| HeaderName::from_bytes(member.trim_ascii()).ok())
        .collect()
}

/// Whether the sender takes trailers (section 10.1.4).
pub(crate) fn takes_trailers(fields: &HeaderMap) -> bool {
    let lines = fields.get_all(TE).iter();
    let mut members = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    members.any(|member| member.trim_ascii().eq_ignore_ascii_case(b"trailers"))
}

/// Says the same to the next server; after [`drop_hop_by_hop`].
pub(crate) fn take_trailers(fields: &mut HeaderMap) {
    fields.insert(TE, HeaderValue::from_static("trailers"));
    fields.insert(CONNECTION, HeaderValue::from_static("te"));
}

/// Says that a message which came in this version of HTTP has passed here.
pub(crate) fn append_via(fields: &mut HeaderMap, received: Version) {
    let version = match received {
        Version::HTTP_10 => "1.0",
        _ => "1.1",
    };
    // nothing in it is outside of what a field can hold
    if let Ok(value) = HeaderValue::try_from(format!("{version} {PSEUDONYM}")) {
        fields.append(VIA, value);
    }
}
