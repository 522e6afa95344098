//! Which parts of a request the key has, where the user says so.

use std::borrow::Cow;
use std::fmt;

use http::header::{COOKIE, HeaderMap, HeaderName};

/// Which parts of a request tell responses apart, besides what `Vary` says. All of its URL unless it is said; see
/// [`CacheLayer::key`](super::CacheLayer::key).
///
/// ```
/// use http::header::HeaderName;
/// use tower_redis::Toolkit;
/// use tower_redis::middleware::http_cache::KeyParts;
///
/// let key = KeyParts::new()
///     .query_without(["utm_*", "fbclid"])
///     .sorted_query()
///     .cookie("theme");
/// let layer = Toolkit::in_memory().cache_layer().key(key);
/// # drop(layer);
/// ```
#[derive(Clone, Default)]
pub struct KeyParts {
    without_host: bool,
    query: Query,
    sorted: bool,
    fields: Vec<HeaderName>,
    cookies: Vec<Box<str>>,
}

#[derive(Clone, Default)]
enum Query {
    #[default]
    Whole,
    Only(Vec<Box<str>>),
    Without(Vec<Box<str>>),
}

impl KeyParts {
    /// Scheme, host, path and query, as they are.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Leaves the host out: for a service that answers all its names alike, so that one response does for all of
    /// them. Never in front of a service that looks at its `Host`.
    #[must_use]
    pub fn without_host(mut self) -> Self {
        self.without_host = true;
        self
    }

    /// Of the query these parameters alone: for a handler that looks at no other, so that whatever else is appended
    /// finds the same response. A parameter is named as it is before it is percent-encoded; a `*` at the end stands
    /// for anything. One with a `;` in it stays, since some read two parameters there.
    #[must_use]
    pub fn query_only<P: Into<Box<str>>>(mut self, names: impl IntoIterator<Item = P>) -> Self {
        self.query = Query::Only(names.into_iter().map(Into::into).collect());
        self
    }

    /// All of the query but these parameters: those of campaigns, say, which no handler looks at. As with
    /// [`query_only`](Self::query_only).
    #[must_use]
    pub fn query_without<P: Into<Box<str>>>(mut self, names: impl IntoIterator<Item = P>) -> Self {
        self.query = Query::Without(names.into_iter().map(Into::into).collect());
        self
    }

    /// The parameters of the query in the order of their names, so that `?a=1&b=2` and `?b=2&a=1` are the same. Those
    /// of one name keep their order, which may mean something.
    #[must_use]
    pub fn sorted_query(mut self) -> Self {
        self.sorted = true;
        self
    }

    /// The lines of a header field, too: of one that the handler goes by and does not name in `Vary`, as the tenant
    /// in `x-tenant`. Unlike with `Vary` there can be any number of responses for one URL.
    #[must_use]
    pub fn header(mut self, name: HeaderName) -> Self {
        self.fields.push(name);
        self
    }

    /// The value of a cookie, too: of one with few values that the handler goes by. Other cookies do not count.
    #[must_use]
    pub fn cookie(mut self, name: &str) -> Self {
        self.cookies.push(name.into());
        self
    }

    pub(crate) fn has_host(&self) -> bool {
        !self.without_host
    }

    /// Whether more than the URL is in the key.
    pub(crate) fn has_more(&self) -> bool {
        !self.fields.is_empty() || !self.cookies.is_empty()
    }

    /// What of the request is in the key besides its URL. Each part is there or not; its bytes are characters.
    pub(crate) fn more(&self, request: &HeaderMap) -> Vec<Option<String>> {
        let fields = self.fields.iter().map(|name| {
            let lines = request.get_all(name).iter();
            let lines: Vec<_> = lines.map(|line| line.as_bytes().trim_ascii()).collect();
            (!lines.is_empty()).then(|| lines.join(&b", "[..]))
        });
        let cookies = self.cookies.iter().map(|name| cookie(request, name));
        let text = |bytes: Vec<u8>| bytes.into_iter().map(char::from).collect();
        fields.chain(cookies).map(|part| part.map(text)).collect()
    }

    /// Whether the request has every part by which clients are told apart: which of them does it is not known here.
    /// One that is there and empty tells nobody apart.
    pub(crate) fn tells_apart(&self, request: &HeaderMap) -> bool {
        let says = |part: &Option<String>| part.as_ref().is_some_and(|part| !part.is_empty());
        self.has_more() && self.more(request).iter().all(says)
    }

    /// What of a query is in the key.
    pub(crate) fn query<'a>(&self, query: Option<&'a str>) -> Option<Cow<'a, str>> {
        let query = query?;
        let kept = |parameter: &&str| match &self.query {
            Query::Whole => true,
            _ if parameter.contains(';') => true,
            Query::Only(names) => {
                // what a handler takes for the parameter counts, in whatever way it is written
                let name = decoded(name_of(parameter));
                names.iter().any(|listed| is_listed(&name, listed))
            }
            Query::Without(names) => {
                // a name in disguise is not dropped: it is not known who sees through it
                let name = name_of(parameter).as_bytes();
                !names.iter().any(|listed| is_listed(name, listed))
            }
        };
        if matches!(self.query, Query::Whole) && !self.sorted {
            return Some(Cow::Borrowed(query));
        }
        let mut parameters: Vec<_> = query.split('&').filter(kept).collect();
        if self.sorted {
            parameters.sort_by_key(|parameter| name_of(parameter));
        }
        let filters = !matches!(self.query, Query::Whole);
        // without a parameter there is no query, as there would be none had nobody appended any
        (!filters || !parameters.is_empty()).then(|| Cow::Owned(parameters.join("&")))
    }
}

// names of cookies and parameters may tell what is behind them
impl fmt::Debug for KeyParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyParts").finish_non_exhaustive()
    }
}

fn name_of(parameter: &str) -> &str {
    parameter.split('=').next().unwrap_or_default()
}

fn is_listed(name: &[u8], listed: &str) -> bool {
    match listed.strip_suffix('*') {
        Some(start) => name.starts_with(start.as_bytes()),
        None => name == listed.as_bytes(),
    }
}

/// Without percent-encoding, and with `+` as the space it stands for in forms.
fn decoded(name: &str) -> Vec<u8> {
    let mut bytes = name.bytes();
    let mut decoded = Vec::with_capacity(name.len());
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                bytes = ahead;
            }
            (b'+', ..) => decoded.push(b' '),
            (byte, ..) => decoded.push(byte),
        }
    }
    decoded
}

fn cookie(request: &HeaderMap, name: &str) -> Option<Vec<u8>> {
    let lines = request.get_all(COOKIE).iter();
    let mut pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs.find_map(|pair| {
        let pair = pair.trim_ascii();
        let value = pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
        Some(value.to_vec())
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn queries() {
        let whole = KeyParts::new();
        let only = KeyParts::new().query_only(["page", "q*"]);
        let without = KeyParts::new().query_without(["utm_*", "fbclid"]);
        let sorted = KeyParts::new().sorted_query();
        for (parts, query, expected) in [
            (&whole, "b=2&a=1&", "b=2&a=1&"),
            (&only, "page=1&x=2", "page=1"),
            (&only, "x=2&query=a&p%61ge=3&q", "query=a&p%61ge=3&q"),
            (&only, "x=1;page=2", "x=1;page=2"),
            (
                &without,
                "utm_source=a&x=1&fbclid=b&fbclid2=c",
                "x=1&fbclid2=c",
            ),
            (
                &without,
                "utm%5Fsource=a&utm_medium=b;x=1",
                "utm%5Fsource=a&utm_medium=b;x=1",
            ),
            (&sorted, "b=2&a=3&a=1&=&a", "=&a=3&a=1&a&b=2"),
        ] {
            assert_eq!(parts.query(Some(query)).unwrap(), expected, "{query}");
        }
        assert_eq!(only.query(Some("x=1")), None);
        assert_eq!(only.query(None), None);
        assert_eq!(whole.query(Some("")).unwrap(), "");
    }

    #[test]
    fn fields_and_cookies() {
        let parts = KeyParts::new()
            .header(HeaderName::from_static("x-tenant"))
            .cookie("theme");
        let mut request = HeaderMap::new();
        assert!(!parts.tells_apart(&request));
        request.append(COOKIE, HeaderValue::from_static("a=1; themes=x;theme=dark"));
        request.append("x-tenant", HeaderValue::from_static(" one"));
        request.append("x-tenant", HeaderValue::from_static("two"));
        let more = [Some("one, two".to_owned()), Some("dark".to_owned())];
        assert_eq!(parts.more(&request), more);
        assert!(parts.tells_apart(&request) && !KeyParts::new().tells_apart(&request));
        // each of them may be the one by which clients are told apart
        for part in ["session", "empty"] {
            request.append(COOKIE, HeaderValue::from_static("empty="));
            assert!(!parts.clone().cookie(part).tells_apart(&request), "{part}");
        }
    }
}
