//! By a field of the request.

use http::{HeaderName, Request};

use crate::key::{CacheKey, KeyWriter};
use crate::limit::{Policy, Quota};

use super::contract::{RequestKey, Unidentified};
use super::value::Value;

/// Each value of a field has a quota of its own, compared byte for byte.
///
/// Requests without the field share one quota. So do those with more than one line of it, with each
/// other and with those that have none: which line the service believes is not known here, and a
/// client could make up a new key with every request.
///
/// A client that may write anything into the field escapes its limit by writing something else each
/// time. Use it behind what checks the value, or besides [`PeerIp`](super::PeerIp).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    name: HeaderName,
}

impl Header {
    /// By the field `name`.
    #[must_use]
    pub const fn new(name: HeaderName) -> Self {
        Self { name }
    }
}

impl Policy<Header> {
    /// One quota for each value of the field `name`, under the name `per-` and the field's.
    ///
    /// ```
    /// use http::HeaderName;
    /// use tower_redis::limit::{Policy, Quota};
    ///
    /// let api_key = HeaderName::from_static("x-api-key");
    /// let policy = Policy::per_header(api_key, Quota::per_minute(100)); // "per-x-api-key"
    /// ```
    pub fn per_header(name: HeaderName, quota: Quota) -> Self {
        Policy::new(format!("per-{name}"), quota).key(Header::new(name))
    }
}

impl RequestKey for Header {
    fn write<B>(&self, request: &Request<B>, key: &mut KeyWriter) -> Result<(), Unidentified> {
        let mut lines = request.headers().get_all(&self.name).iter();
        let value = match (lines.next(), lines.next()) {
            (Some(value), None) => Some(Value(value.as_bytes())),
            (None | Some(_), _) => None,
        };
        value.write(key);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn key(lines: &[&[u8]]) -> String {
        let mut request = Request::new(());
        for line in lines {
            let value = HeaderValue::from_bytes(line).unwrap();
            request.headers_mut().append("x-api-key", value);
        }
        let mut key = KeyWriter::new();
        let header = Header::new(HeaderName::from_static("x-api-key"));
        header.write(&request, &mut key).unwrap();
        String::from_utf8(key.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_value_is_itself_and_no_value_is_nobody() {
        assert_eq!(key(&[b"abc"]), "abc");
        assert_eq!(key(&[b""]), "");
        assert_eq!(key(&[]), "~");
        assert_eq!(key(&[b"~"]), "%7E");
        assert_eq!(key(&[b"a", b"b"]), "~");
    }

    #[test]
    fn bytes_that_are_not_text_stay_apart() {
        assert_eq!(key(&[b"a\xff\x80"]), "a%FF%80");
        assert_eq!(key(&[b"a%FF%80"]), "a%25FF%2580");
        assert_eq!(key(&["\u{e9}".as_bytes()]), "\u{e9}");
    }
}
