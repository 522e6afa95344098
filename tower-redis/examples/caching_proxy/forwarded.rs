//! What the origin learns of the client: `Forwarded` (RFC 7239), and the older fields that say the same.
//!
//! Origins make links and redirects of `X-Forwarded-Host` and its like, which are no part of a cache's
//! key: what one client claims in them would be served to all others. So claims are dropped, all of that
//! family, unless a trusted proxy makes them.

use std::net::IpAddr;

use http::header::{FORWARDED, HOST, HeaderMap, HeaderName, HeaderValue};

const FAMILY: &str = "x-forwarded-";
const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const HOST_ASKED: HeaderName = HeaderName::from_static("x-forwarded-host");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Says whom this request is from and what it asked for, behind what a trusted proxy has said.
pub(crate) fn tell(fields: &mut HeaderMap, client: IpAddr, trusted: bool) {
    if !trusted {
        forget(fields);
    }
    let client = client.to_canonical();
    let host = fields.get(HOST).cloned();
    let asked = host.as_ref().and_then(|host| host.to_str().ok());
    append(fields, FORWARDED, &element(client, asked));
    append(fields, FOR, &client.to_string());
    // the first proxy knows what the client saw
    if let Some(host) = host {
        fields.entry(HOST_ASKED).or_insert(host);
    }
    fields
        .entry(PROTO)
        .or_insert(HeaderValue::from_static("http"));
}

fn forget(fields: &mut HeaderMap) {
    fields.remove(FORWARDED);
    let family: Vec<HeaderName> = fields
        .keys()
        .filter(|name| name.as_str().starts_with(FAMILY))
        .cloned()
        .collect();
    for name in family {
        fields.remove(name);
    }
}

/// An address of IPv6 is no token, nor is a host with a port (RFC 7239 sections 4 and 6).
fn element(client: IpAddr, host: Option<&str>) -> String {
    let client = match client {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("\"[{address}]\""),
    };
    // a host that was accepted has no quotation mark or backslash
    let host = host.map_or_else(String::new, |host| format!(";host=\"{host}\""));
    format!("for={client}{host};proto=http")
}

/// In one line with what is there: not every origin reads a second one.
fn append(fields: &mut HeaderMap, name: HeaderName, value: &str) {
    let lines = fields.get_all(&name).iter().map(HeaderValue::as_bytes);
    let lines: Vec<&[u8]> = lines.chain([value.as_bytes()]).collect();
    // lines of fields, an address and an accepted host have nothing that a field cannot hold
    if let Ok(value) = HeaderValue::from_bytes(&lines.join(&b", "[..])) {
        fields.insert(name, value);
    }
}
