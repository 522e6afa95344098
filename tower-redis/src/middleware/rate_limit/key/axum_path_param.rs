//! By a part of the path.

use axum::extract::MatchedPath;
use http::Request;

use crate::key::{CacheKey, KeyWriter};
use crate::middleware::axum_target::original_uri;

use super::axum_matched_path::NO_ROUTE;
use super::contract::{RequestKey, Unidentified};
use super::value::Value;

/// Each value of a parameter of the path has a quota of its own: the `tenant` of `/tenants/{tenant}/users`.
///
/// It is compared as the handler sees it, with its `%41` decoded, so that no other spelling is another client. Who can
/// write any value has a new quota with each; use it where what is not there is not found, or with
/// [`PeerIp`](super::PeerIp) in a tuple.
///
/// It is known where [`MatchedPath`](super::MatchedPath) is. Requests whose route has no such parameter share one
/// quota, and a warning says so once.
///
/// ```
/// use tower_redis::limit::{Policy, Quota};
/// use tower_redis::middleware::rate_limit::PathParam;
///
/// let policy = Policy::new("tenants", Quota::per_minute(600)).key(PathParam::new("tenant"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathParam {
    name: &'static str,
}

impl PathParam {
    /// By the parameter called `name`, without braces.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name }
    }
}

const NO_PARAMETER: Unidentified = Unidentified::new(
    "a request has matched a route without the parameter of its key, so all such requests share one quota; put the \
     layer around the routes that have it, with the name as it stands between braces",
);

impl RequestKey for PathParam {
    fn write<B>(&self, request: &Request<B>, key: &mut KeyWriter) -> Result<(), Unidentified> {
        let extensions = request.extensions();
        let Some(route) = extensions.get::<MatchedPath>() else {
            None::<Value<'_>>.write(key);
            return Err(NO_ROUTE);
        };
        // within a nest the URI has lost what the route begins with
        let path = original_uri(extensions).unwrap_or(request.uri()).path();
        let value = value(route.as_str(), path, self.name).map(decoded);
        value.as_deref().map(Value).write(key);
        value.map(|_| ()).ok_or(NO_PARAMETER)
    }
}

/// The part of `path` that stands where `route` has the parameter `name`.
fn value<'a>(route: &str, path: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = path;
    for part in route.split('/') {
        let parameter = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'));
        if let Some(parameter) = parameter.filter(|_| !part.starts_with("{{")) {
            if parameter.strip_prefix('*') == Some(name) {
                return Some(rest);
            }
            if parameter == name {
                return rest.split('/').next();
            }
        }
        rest = rest.split_once('/').map_or("", |(_, rest)| rest);
    }
    None
}

/// The bytes that `text` stands for (RFC 3986, section 2.1).
fn decoded(text: &str) -> Vec<u8> {
    let digit = |byte: &u8| {
        char::from(*byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if let (b'%', [high, low, end @ ..]) = (first, after)
            && let (Some(high), Some(low)) = (digit(high), digit(low))
        {
            bytes.push(high << 4 | low);
            rest = end;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_what_stands_in_its_place() {
        for (route, path, name, found) in [
            ("/users/{id}", "/users/7", "id", Some("7")),
            ("/users/{id}", "/users/7", "name", None),
            ("/{a}/{b}/x", "/1/2/x", "b", Some("2")),
            ("/files/{*rest}", "/files/a/b", "rest", Some("a/b")),
            ("/files/{id}/{*rest}", "/files/7/a/b", "id", Some("7")),
            ("/users", "/users", "id", None),
            ("/{id}", "/", "id", Some("")),
        ] {
            assert_eq!(value(route, path, name), found, "{route}");
        }
    }

    #[test]
    fn another_spelling_is_the_same_value() {
        for (text, bytes) in [
            ("a%62c", &b"abc"[..]),
            ("%C3%A9", "\u{e9}".as_bytes()),
            ("100%", b"100%"),
            ("%zz%4", b"%zz%4"),
            ("%2f", b"/"),
        ] {
            assert_eq!(decoded(text), bytes, "{text}");
        }
    }
}
