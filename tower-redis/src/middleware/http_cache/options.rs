//! What a user can say about a cache; each option says when it is wanted.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use http::header::{HeaderMap, HeaderName};

use super::key_parts::KeyParts;
use super::layer::CacheLayer;
use super::rfc9111::freshness::Heuristic;
use super::rules::{RequestDirective, RequestHead};

impl CacheLayer {
    /// The name under which `Cache-Status` and the statistics speak of this cache; `tower-redis`
    /// unless it is said.
    #[must_use]
    pub fn name(self, name: &str) -> Self {
        self.with(|settings| settings.name = name.into())
    }

    /// Holds at most `bytes` of responses, their fields and an estimate of their upkeep included;
    /// 64 MiB unless it is said. The least recently useful make room. With 0 nothing is kept.
    ///
    /// Bodies that are still on their way hold up to a quarter of it besides, all together. What comes beyond that
    /// passes at the pace of its slowest reader and is not stored.
    #[must_use]
    pub fn capacity_bytes(self, bytes: u64) -> Self {
        self.with(|settings| settings.capacity = bytes)
    }

    /// Stores responses whose body has at most `bytes`; 1 MiB unless it is said. It is also how much is held of a body
    /// while it comes, whether it is stored in the end or not. Longer ones pass, and so do those that the capacity has no room for: a response can take a quarter of it, and all of
    /// it only when it is small.
    #[must_use]
    pub fn max_body(self, bytes: usize) -> Self {
        self.with(|settings| settings.max_body = bytes)
    }

    /// How long to reuse a response that does not say it; off unless it is said.
    ///
    /// It applies where RFC 9111 section 4.2.2 would let a cache guess: to responses without
    /// `max-age`, `s-maxage` and `Expires` whose status code is heuristically cacheable (RFC 9110
    /// section 15.1) or that are `public`, and that nothing forbids to store. One that sets a cookie
    /// is left out. A duration of zero is the same as none.
    #[must_use]
    pub fn default_ttl(self, ttl: Duration) -> Self {
        self.with(|settings| settings.rules.default_ttl = Some(ttl))
    }

    /// The same as [`default_ttl`](Self::default_ttl) for one status code, above that of all: a short time for
    /// 404, say, so that a client that asks for what is not there does not ask the handler each time. A duration
    /// of zero leaves its responses out.
    #[must_use]
    pub fn default_ttl_of(self, status: StatusCode, ttl: Duration) -> Self {
        self.with(|settings| settings.rules.status_ttls.push((status, ttl)))
    }

    /// Reuses a response that does not say how long for a part of the time since its `Last-Modified`, at most
    /// `longest`; off unless it is said.
    ///
    /// RFC 9111 section 4.2.2 suggests a tenth: `heuristic_freshness(0.1, Duration::from_secs(24 * 60 * 60))` is what
    /// caches in front of sites do. In front of handlers that set `Last-Modified` and mean nothing by it, or of files
    /// that change by a deploy, leave it off. It applies where [`default_ttl`](Self::default_ttl) does, and counts
    /// for more. A `part` that is no number above zero counts as none, one above 1 as 1.
    #[must_use]
    pub fn heuristic_freshness(self, part: f64, longest: Duration) -> Self {
        self.with(|settings| settings.rules.heuristic = Heuristic::new(part, longest))
    }

    /// The fields that take the place of `Cache-Control` and `Expires` for this cache, the first that is there the
    /// most (RFC 9213); `CDN-Cache-Control` alone unless it is said. Each is a Structured Field, a dictionary;
    /// one that cannot be read is ignored. All of them are passed on.
    #[must_use]
    pub fn targets(self, fields: impl IntoIterator<Item = HeaderName>) -> Self {
        let fields: Vec<_> = fields.into_iter().collect();
        self.with(|settings| settings.rules.targets = fields)
    }

    /// Ignores a directive of requests; all are honoured unless it is said.
    ///
    /// By RFC 9111 a client decides what it accepts: a browser's reload says `no-cache`, and the handler runs.
    /// Where clients are not to decide how often it does, ignore [`NoCache`](RequestDirective::NoCache),
    /// [`MaxAge`](RequestDirective::MaxAge), [`MinFresh`](RequestDirective::MinFresh) and
    /// [`NoStore`](RequestDirective::NoStore).
    #[must_use]
    pub fn ignore(self, directive: RequestDirective) -> Self {
        self.with(|settings| settings.rules.ignored.push(directive))
    }

    /// How to make an empty request body of a type that the cache does not know: with it, what is stale is
    /// validated behind the answer (`stale-while-revalidate`), without it before.
    ///
    /// It knows `()`, `String`, `Vec<u8>`, `Bytes` and, with the feature `axum`, axum's `Body`.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http_body_util::Full;
    /// use tower_redis::Toolkit;
    ///
    /// let layer = Toolkit::in_memory().cache_layer().empty_body(Full::<Bytes>::default);
    /// # drop(layer);
    /// ```
    #[must_use]
    pub fn empty_body<Q: 'static>(self, make: fn() -> Q) -> Self {
        self.with(|settings| settings.empty = settings.empty.with(make))
    }

    /// What tells responses apart besides `Vary`; the whole URL unless it is said. See [`KeyParts`].
    #[must_use]
    pub fn key(self, parts: KeyParts) -> Self {
        self.with(|settings| settings.rules.key = parts)
    }

    /// Sends the requests that `bypass` chooses straight to the inner service: those of a logged-in user, say, whose
    /// pages do not say that they are private. They are neither looked up nor stored (`detail="bypassed"`). It sees
    /// GET and HEAD; it runs for each of them, so it is short.
    #[must_use]
    pub fn bypass(self, bypass: impl Fn(&RequestHead<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.rules.bypass = Some(Arc::new(bypass)))
    }

    /// Stores only responses that `wanted` chooses, by status code and fields, among those that may be stored: no
    /// redirects, say, or images alone. Others are passed on (`detail="unwanted"`).
    #[must_use]
    pub fn store_if(
        self,
        wanted: impl Fn(StatusCode, &HeaderMap) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with(|settings| settings.rules.store_if = Some(Arc::new(wanted)))
    }

    /// Stores what is `private` too, and answers to requests with `Authorization`, where the [`key`](Self::key) has
    /// headers or cookies that tell clients apart and the request has all of them, none of them empty: the cache is a
    /// private one to each of them then. Without such a part it changes nothing. Make sure that the part is one that no two clients share,
    /// and that whoever has it may see the response.
    #[must_use]
    pub fn store_private(self) -> Self {
        self.with(|settings| settings.rules.private = true)
    }

    /// Stores nothing in which anything personal is in sight, whatever the response says: no answer to a request with
    /// `Authorization` or `Cookie`, and none with `Set-Cookie` (`detail="strict"`). RFC 9111 lets an origin share these
    /// (`public`, `s-maxage`), and some say so by mistake.
    #[must_use]
    pub fn strict(self) -> Self {
        self.with(|settings| settings.rules.strict = true)
    }

    /// Leaves these fields out of what is stored: the client whose request brought the response gets them, others do
    /// not. For `Set-Cookie` of a page that is the same for all, or fields for debugging.
    #[must_use]
    pub fn strip(self, fields: impl IntoIterator<Item = HeaderName>) -> Self {
        let fields: Vec<_> = fields.into_iter().collect();
        self.with(|settings| settings.rules.strip = fields)
    }

    /// The fields in which responses tell their tags; `Cache-Tag` and `Surrogate-Key` unless it is said. Tags stand
    /// between commas, in `Surrogate-Key` between spaces. What has a tag is removed by
    /// [`Purger::tags`](super::Purger::tags) and by [`Toolkit::invalidate_tags`](crate::Toolkit::invalidate_tags).
    #[must_use]
    pub fn tag_fields(self, fields: impl IntoIterator<Item = HeaderName>) -> Self {
        let fields: Vec<_> = fields.into_iter().collect();
        self.with(|settings| settings.rules.tags.names = fields)
    }

    /// Takes the [`tag_fields`](Self::tag_fields) out of every answer: where clients are not to see what belongs
    /// together, or the fields are long.
    #[must_use]
    pub fn hide_tags(self) -> Self {
        self.with(|settings| settings.rules.tags.are_passed_on = false)
    }
}
