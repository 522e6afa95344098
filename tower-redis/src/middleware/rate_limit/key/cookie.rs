//! By a cookie of the request.

use http::Request;
use http::header::COOKIE;

use crate::key::{CacheKey, KeyWriter};

use super::contract::{RequestKey, Unidentified};
use super::value::Value;

/// Each value of a cookie has a quota of its own, compared byte for byte.
///
/// Requests without the cookie share one quota, and so do those that send it more than once. A client escapes its
/// limit by sending another value: use it behind what checks the session, or besides [`PeerIp`](super::PeerIp).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    name: Box<str>,
}

impl Cookie {
    /// By the cookie `name`, in that case.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.into() }
    }
}

impl RequestKey for Cookie {
    /// As RFC 6265, section 5.4 writes them: pairs between `;`.
    fn write<B>(&self, request: &Request<B>, key: &mut KeyWriter) -> Result<(), Unidentified> {
        let lines = request.headers().get_all(COOKIE).iter();
        let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        let mut values = pairs.filter_map(|pair| {
            let pair = pair.trim_ascii();
            let value = pair.strip_prefix(self.name.as_bytes())?.trim_ascii_start();
            value.strip_prefix(b"=").map(<[u8]>::trim_ascii_start)
        });
        let value = match (values.next(), values.next()) {
            (Some(value), None) => Some(Value(value)),
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

    fn key(lines: &[&'static str]) -> String {
        let mut request = Request::new(());
        for line in lines {
            let line = HeaderValue::from_static(line);
            request.headers_mut().append(COOKIE, line);
        }
        let mut key = KeyWriter::new();
        Cookie::new("sid").write(&request, &mut key).unwrap();
        String::from_utf8(key.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_cookie_is_found_among_others_and_none_is_nobody() {
        assert_eq!(key(&["a=1; sid=xy;b=2"]), "xy");
        assert_eq!(key(&["a=1", "sid=x"]), "x");
        assert_eq!(key(&["sid="]), "");
        for nobody in [
            &[][..],
            &["a=1"],
            &["sidx=1"],
            &["sid"],
            &["sid=1; sid=2"],
            &["SID=1"],
        ] {
            assert_eq!(key(nobody), "~", "{nobody:?}");
        }
    }
}
