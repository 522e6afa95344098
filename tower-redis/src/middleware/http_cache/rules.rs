//! What a user has said about what may be stored, and for how long.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderMap, HeaderName};
use http::{Extensions, Method, Request, StatusCode, Uri};

use super::key_parts::KeyParts;
use super::rfc9111::directives::RequestDirectives;
use super::rfc9111::freshness::Heuristic;
use super::rfc9111::targeted::CDN_CACHE_CONTROL;
use super::tags::TagFields;

/// A directive of a request's `Cache-Control` (RFC 9111 section 5.2.1, RFC 5861 section 4) that a cache can be
/// told to ignore; see [`CacheLayer::ignore`](super::CacheLayer::ignore).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestDirective {
    /// `max-age`: nothing older than that, and nothing stale.
    MaxAge,
    /// `max-stale`: something stale will do.
    MaxStale,
    /// `min-fresh`: nothing that is soon stale.
    MinFresh,
    /// `no-cache`, and `Pragma: no-cache`: the origin's own word.
    NoCache,
    /// `no-store`: the answer is not to be stored.
    NoStore,
    /// `only-if-cached`: 504 rather than the origin's answer.
    OnlyIfCached,
    /// `stale-if-error`: something stale will do when the origin fails.
    StaleIfError,
}

/// A request as it comes in, without its body.
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
}

impl<'a> RequestHead<'a> {
    pub(crate) fn of<B>(request: &'a Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            extensions: request.extensions(),
        }
    }

    /// Its method: GET or HEAD; or POST, whose answer may be stored as one to GET.
    #[must_use]
    pub fn method(&self) -> &'a Method {
        self.method
    }

    /// Its URI, as the service gets it.
    #[must_use]
    pub fn uri(&self) -> &'a Uri {
        self.uri
    }

    /// Its header fields.
    #[must_use]
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// What other layers have left with it.
    #[must_use]
    pub fn extensions(&self) -> &'a Extensions {
        self.extensions
    }
}

// a URI and fields may have secrets in them
impl fmt::Debug for RequestHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead")
            .field("method", self.method)
            .finish_non_exhaustive()
    }
}

/// Which requests go by the cache.
pub(crate) type Bypass = Arc<dyn Fn(&RequestHead<'_>) -> bool + Send + Sync>;

/// Which responses may be stored.
pub(crate) type StoreIf = Arc<dyn Fn(StatusCode, &HeaderMap) -> bool + Send + Sync>;

/// What a user has said about what may be stored, and for how long.
#[derive(Clone)]
pub(crate) struct Rules {
    pub(crate) key: KeyParts,
    pub(crate) bypass: Option<Bypass>,
    pub(crate) store_if: Option<StoreIf>,
    /// Nothing personal is stored, whatever the response says.
    pub(crate) strict: bool,
    /// What is private is stored where the key tells clients apart.
    pub(crate) private: bool,
    /// Fields that are not stored.
    pub(crate) strip: Vec<HeaderName>,
    pub(crate) tags: TagFields,
    /// The lifetime of a response that does not say it.
    pub(crate) default_ttl: Option<Duration>,
    /// The same for one status code. Few are set.
    pub(crate) status_ttls: Vec<(StatusCode, Duration)>,
    pub(crate) heuristic: Option<Heuristic>,
    /// Fields that take the place of `Cache-Control`, the first the most.
    pub(crate) targets: Vec<HeaderName>,
    pub(crate) ignored: Vec<RequestDirective>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            key: KeyParts::default(),
            bypass: None,
            store_if: None,
            strict: false,
            private: false,
            strip: Vec::new(),
            tags: TagFields::default(),
            default_ttl: None,
            status_ttls: Vec::new(),
            heuristic: None,
            targets: vec![CDN_CACHE_CONTROL],
            ignored: Vec::new(),
        }
    }
}

impl Rules {
    /// The lifetime that the user gives a response with `status`, which does not say it.
    pub(crate) fn ttl(&self, status: StatusCode) -> Option<Duration> {
        let of_status = self.status_ttls.iter().rfind(|(known, _)| *known == status);
        let ttl = of_status.map(|(_, ttl)| *ttl).or(self.default_ttl);
        ttl.filter(|ttl| !ttl.is_zero())
    }

    /// What of `asked` is honoured.
    pub(crate) fn honoured(&self, mut asked: RequestDirectives) -> RequestDirectives {
        for directive in &self.ignored {
            match directive {
                RequestDirective::MaxAge => asked.max_age = None,
                RequestDirective::MaxStale => asked.max_stale = None,
                RequestDirective::MinFresh => asked.min_fresh = None,
                RequestDirective::NoCache => asked.no_cache = false,
                RequestDirective::NoStore => asked.no_store = false,
                RequestDirective::OnlyIfCached => asked.only_if_cached = false,
                RequestDirective::StaleIfError => asked.stale_if_error = None,
            }
        }
        asked
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules").finish_non_exhaustive()
    }
}
