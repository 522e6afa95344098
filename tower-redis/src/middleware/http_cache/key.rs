//! What a request is filed under: method class, scheme, authority, path and query.

use std::borrow::Cow;

use http::header::{HOST, HeaderMap};
use http::{Request, Uri};
use smallvec::SmallVec;

use crate::key::{CacheKey, KeyWriter};

use super::key_parts::KeyParts;
use super::rfc9111::verdict::Reason;

/// The scheme of a request whose URI has none, as is usual in HTTP/1.1: only the listener knows.
const UNSAID: &str = "http";

/// The target URI of a request (RFC 9110 section 7.1).
#[derive(Debug)]
pub(crate) struct Target<'a> {
    scheme: &'a str,
    authority: Cow<'a, str>,
    path: &'a str,
    query: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// # Errors
    /// When the authority cannot be told. A response filed under one name that was made for another
    /// is how caches are poisoned, so a URI and a `Host` that contradict each other, or two `Host`s,
    /// leave the request without a key.
    pub(crate) fn of<B>(request: &'a Request<B>) -> Result<Self, Reason> {
        let uri = asked_for(request);
        let authority = match only_host(uri, request.headers()) {
            Some(host) => Cow::Borrowed(host),
            None => agreed(uri, request.headers()).ok_or(Reason::Host)?,
        };
        Ok(Self {
            scheme: uri.scheme_str().unwrap_or(UNSAID),
            authority,
            path: uri.path(),
            query: uri.query(),
        })
    }

    /// What the request with these `fields` is filed under.
    pub(crate) fn key(&self, parts: &KeyParts, fields: &HeaderMap) -> KeyWriter {
        self.key_with(parts, parts.has_more().then(|| parts.more(fields)))
    }

    /// What the key has of the URL alone.
    pub(crate) fn url_key(&self, parts: &KeyParts) -> KeyWriter {
        self.key_with(parts, None)
    }

    fn key_with(&self, parts: &KeyParts, more: Option<Vec<Option<String>>>) -> KeyWriter {
        key(
            parts,
            self.scheme,
            &self.authority,
            self.path,
            self.query,
            more,
        )
    }

    /// Its path and query, as they are written.
    pub(crate) fn path_and_query(&self) -> String {
        match self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.to_owned(),
        }
    }

    /// Its origin (RFC 9110 section 4.3.1).
    pub(crate) fn origin(&self) -> String {
        origin(self.scheme, &self.authority)
    }
}

/// The URI that the client asked for. Under axum's `nest` a service sees what is left of it; filed
/// under that, two nested routers would answer for each other. One that was rewritten on the way, by
/// whatever the rewriting went by, counts as it is now.
fn asked_for<B>(request: &Request<B>) -> &Uri {
    #[cfg(feature = "axum")]
    if let Some(original) = crate::middleware::axum_target::original_uri(request.extensions())
        && is_left_of(request.uri(), original)
    {
        return original;
    }
    request.uri()
}

/// Whether `uri` is what is left of `original` behind a prefix.
#[cfg(feature = "axum")]
fn is_left_of(uri: &Uri, original: &Uri) -> bool {
    let path = uri.path();
    (path == "/" || original.path().ends_with(path)) && uri.query() == original.query()
}

/// Different targets write different keys: a tuple's parts are escaped, and a query that is empty
/// differs from none.
fn key(
    parts: &KeyParts,
    scheme: &str,
    authority: &str,
    path: &str,
    query: Option<&str>,
    more: Option<Vec<Option<String>>>,
) -> KeyWriter {
    let authority = if parts.has_host() { authority } else { "" };
    let query = parts.query(query);
    let (class, scheme, query) = (Literal("GET"), Literal(scheme), query.as_deref());
    match more {
        None => KeyWriter::of(&(class, scheme, authority, path, query)),
        Some(more) => KeyWriter::of(&(class, scheme, authority, path, query, more)),
    }
}

/// A part of a key that has nothing to escape: a scheme is letters, digits, `+`, `-` and `.` (RFC 3986 section 3.1).
struct Literal<'a>(&'a str);

impl CacheKey for Literal<'_> {
    fn write(&self, key: &mut KeyWriter) {
        key.literal(self.0);
    }
}

fn origin(scheme: &str, authority: &str) -> String {
    format!("{scheme}://{authority}")
}

/// The host of a request that names one, once, and as it is compared. Most do, and a look at each of its bytes costs
/// less than all that others need.
fn only_host<'a>(uri: &Uri, fields: &'a HeaderMap) -> Option<&'a str> {
    let mut hosts = fields.get_all(HOST).into_iter();
    let host = hosts.next()?.as_bytes();
    let alone = uri.authority().is_none() && hosts.next().is_none();
    // all of them, without a branch for each
    let plain = host
        .iter()
        .fold(true, |all, byte| all & PLAIN[usize::from(*byte)]);
    let host = (alone && plain).then(|| str::from_utf8(host));
    host?.ok()
}

/// What a host is made of that is compared as it stands.
static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < plain.len() {
        plain[byte] = matches!(byte as u8, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-');
        byte += 1;
    }
    plain
};

/// The authority that a request names, however often. `None` when it contradicts itself, or cannot be read.
fn agreed<'a>(uri: &'a Uri, fields: &'a HeaderMap) -> Option<Cow<'a, str>> {
    let mut named = authorities(uri, fields);
    let first = named.next().unwrap_or(Some(Cow::Borrowed("")))?;
    named
        .all(|other| other.is_some_and(|other| other == first))
        .then_some(first)
}

/// The authorities a request names; `None` for one that cannot be read.
fn authorities<'a>(
    uri: &'a Uri,
    fields: &'a HeaderMap,
) -> impl Iterator<Item = Option<Cow<'a, str>>> {
    let scheme = uri.scheme_str().unwrap_or(UNSAID);
    let own = uri.authority().map(|authority| Some(authority.as_str()));
    let hosts = fields.get_all(HOST).into_iter();
    // No userinfo belongs there (RFC 9110 section 7.2). Were it taken off, `evil/?@victim` would be
    // filed under `victim`, and the origin would see all of it.
    let hosts = hosts.map(|host| host.to_str().ok().filter(|host| !host.contains('@')));
    own.into_iter()
        .chain(hosts)
        .map(move |named| named.map(|authority| normalised(authority, scheme)))
}

/// Case and a default port do not count (RFC 9110 section 4.2.3), nor does who asks (section 4.2.4).
pub(crate) fn normalised<'a>(authority: &'a str, scheme: &str) -> Cow<'a, str> {
    let odd = |byte: u8| byte.is_ascii_uppercase() || byte == b'@' || byte == b':';
    if !authority.bytes().any(odd) {
        return Cow::Borrowed(authority);
    }
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    let host = host
        .strip_suffix(default_port)
        .or_else(|| host.strip_suffix(':'))
        .unwrap_or(host);
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(host.to_ascii_lowercase())
    } else {
        Cow::Borrowed(host)
    }
}

/// What an answer to an unsafe request can make invalid. Kept while the request is with the origin.
#[derive(Debug)]
pub(crate) struct Endangered {
    authorities: SmallVec<[Box<str>; 1]>,
    path: Box<str>,
}

impl Endangered {
    pub(crate) fn by<B>(request: &Request<B>) -> Self {
        let uri = asked_for(request);
        let named: Option<SmallVec<[_; 2]>> = authorities(uri, request.headers()).collect();
        let mut authorities = SmallVec::<[Box<str>; 1]>::new();
        for authority in named.unwrap_or_default() {
            if !authorities.iter().any(|known| **known == *authority) {
                authorities.push(authority.into());
            }
        }
        if authorities.is_empty() {
            authorities.push(Box::default());
        }
        Self {
            authorities,
            path: uri
                .path_and_query()
                .map_or("/", |path| path.as_str())
                .into(),
        }
    }

    /// Each authority with the path on it.
    pub(crate) fn targets(&self) -> impl Iterator<Item = (&str, &str)> {
        self.authorities
            .iter()
            .map(|authority| (&**authority, &*self.path))
    }
}

/// The keys of a path on an authority, whatever scheme it was asked for under: the same resource is
/// `http` to a connection that does not say and `https` to one that does. They are the whole keys where there is
/// no more in them than the URL.
pub(crate) fn keys(parts: &KeyParts, authority: &str, path_and_query: &str) -> [KeyWriter; 2] {
    let (path, query) = match path_and_query.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path_and_query, None),
    };
    SCHEMES.map(|scheme| {
        key(
            parts,
            scheme,
            &normalised(authority, scheme),
            path,
            query,
            None,
        )
    })
}

/// What keys begin with whose path begins so.
pub(crate) fn starts(parts: &KeyParts, authority: &str, path: &str) -> [KeyWriter; 2] {
    SCHEMES.map(|scheme| {
        let authority = normalised(authority, scheme);
        let authority = if parts.has_host() { &*authority } else { "" };
        KeyWriter::of(&(Literal("GET"), Literal(scheme), authority, path))
    })
}

/// The origins that an authority may mean.
pub(crate) fn origins(authority: &str) -> [String; 2] {
    SCHEMES.map(|scheme| origin(scheme, &normalised(authority, scheme)))
}

const SCHEMES: [&str; 2] = ["http", "https"];

#[cfg(test)]
mod tests {
    use super::*;

    fn filed(uri: &str, hosts: &[&str]) -> Option<Vec<u8>> {
        let mut request = Request::builder().uri(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let request = request.body(()).unwrap();
        let key = Target::of(&request).ok()?.url_key(&KeyParts::new());
        Some(key.as_bytes().to_vec())
    }

    #[test]
    fn one_resource_one_key() {
        let one = filed("http://example.com/a?b", &[]);
        for (uri, host) in [
            ("/a?b", "example.com"),
            ("/a?b", "EXAMPLE.com"),
            ("/a?b", "example.com:80"),
            ("http://example.com/a?b", "example.com"),
            ("http://user@example.com:80/a?b", "Example.com"),
        ] {
            assert_eq!(filed(uri, &[host]), one, "{uri} {host}");
        }
    }

    #[test]
    fn another_resource_another_key() {
        let all = [
            filed("/", &["a"]),
            filed("/", &["b"]),
            filed("/", &["a:81"]),
            filed("/?", &["a"]),
            filed("/?x", &["a"]),
            filed("/?x=%20", &["a"]),
            filed("/?X", &["a"]),
            filed("/%3Fx", &["a"]),
            filed("//", &["a"]),
            filed("https://a/", &[]),
            filed("/", &[]),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(one.is_some());
            assert!(!all[at + 1..].contains(one), "{at}");
        }
    }

    #[test]
    fn a_contradiction_has_no_key() {
        assert_eq!(filed("http://victim/", &["evil"]), None);
        assert_eq!(filed("/", &["victim", "evil"]), None);
        assert_eq!(filed("/", &["evil/?@victim"]), None);
        assert!(filed("/", &["same", "SAME"]).is_some());
    }

    #[test]
    fn what_is_endangered_has_the_keys_of_what_is_stored() {
        for (uri, host) in [
            ("/a?b", "H"),
            ("https://h/a?b", "h"),
            ("http://h:80/a?b", "h"),
        ] {
            let request = Request::builder()
                .uri(uri)
                .header(HOST, host)
                .body(())
                .unwrap();
            let stored = Target::of(&request).unwrap().url_key(&KeyParts::new());
            let endangered = Endangered::by(&request);
            let found = endangered
                .targets()
                .flat_map(|(authority, path)| keys(&KeyParts::new(), authority, path))
                .any(|key| key.as_bytes() == stored.as_bytes());
            assert!(found, "{uri}");
        }
    }
}
