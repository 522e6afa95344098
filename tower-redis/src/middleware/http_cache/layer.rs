//! How the cache is set up.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use http::header::HeaderName;
use tower_layer::Layer;

use crate::cache::CacheStats;
use crate::cache::assembly::{EngineBuilder, Surroundings};
use crate::cache::engine::Engine;
use crate::cache::near::Bound;
use crate::cache::terms::{Ttl, Weigh};

use super::cache_status::Name;
use super::empty::EmptyBodies;
use super::rfc9111::freshness::Heuristic;
use super::rules::{RequestDirective, Rules};
use super::service::CacheService;
use super::shared::Shared;
use super::stored::Variants;
use crate::cache::hold::Direct;

const DEFAULT_NAME: &str = "tower-redis";
const DEFAULT_CAPACITY: u64 = 64 * 1024 * 1024;
const DEFAULT_MAX_BODY: usize = 1024 * 1024;

/// Puts an HTTP cache around a service; made by `Toolkit::cache_layer`. See the [module](super).
///
/// All services it makes, and those of its clones, share what is stored. The methods that set it up
/// come before that; [`name`](Self::name), [`capacity_bytes`](Self::capacity_bytes) and
/// [`max_body`](Self::max_body) start with an empty store.
#[derive(Debug, Clone)]
pub struct CacheLayer {
    shared: Arc<Shared>,
    surroundings: Surroundings,
    name: Arc<str>,
    capacity: u64,
}

impl CacheLayer {
    pub(crate) fn new(surroundings: Surroundings) -> Self {
        let name = Arc::from(DEFAULT_NAME);
        let shared = Shared {
            engine: engine(&name, DEFAULT_CAPACITY, DEFAULT_MAX_BODY, &surroundings),
            name: Name::new(&name),
            rules: Rules::default(),
            max_body: DEFAULT_MAX_BODY,
            empty: EmptyBodies::default(),
        };
        Self {
            shared: Arc::new(shared),
            surroundings,
            name,
            capacity: DEFAULT_CAPACITY,
        }
    }

    /// The name under which `Cache-Status` and the statistics speak of this cache; `tower-redis`
    /// unless it is said.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.name = name.into();
        self.with_new_engine(|shared| shared.name = Name::new(name))
    }

    /// Holds at most `bytes` of responses, their fields and an estimate of their upkeep included;
    /// 64 MiB unless it is said. The least recently useful make room. With 0 nothing is kept.
    #[must_use]
    pub fn capacity_bytes(mut self, bytes: u64) -> Self {
        self.capacity = bytes;
        self.with_new_engine(|_| {})
    }

    /// Stores responses whose body has at most `bytes`; 1 MiB unless it is said. Longer ones pass, and
    /// so do those that the capacity has no room for: a response can take a quarter of it, and all of
    /// it only when it is small.
    #[must_use]
    pub fn max_body(self, bytes: usize) -> Self {
        self.with_new_engine(|shared| shared.max_body = bytes)
    }

    /// How long to reuse a response that does not say it; off unless it is said.
    ///
    /// It applies where RFC 9111 section 4.2.2 would let a cache guess: to responses without
    /// `max-age`, `s-maxage` and `Expires` whose status code is heuristically cacheable (RFC 9110
    /// section 15.1) or that are `public`, and that nothing forbids to store. One that sets a cookie
    /// is left out. A duration of zero is the same as none.
    #[must_use]
    pub fn default_ttl(self, ttl: Duration) -> Self {
        self.with(|shared| shared.rules.default_ttl = Some(ttl))
    }

    /// The same as [`default_ttl`](Self::default_ttl) for one status code, above that of all: a short time for
    /// 404, say, so that a client that asks for what is not there does not ask the handler each time. A duration
    /// of zero leaves its responses out.
    #[must_use]
    pub fn default_ttl_of(self, status: StatusCode, ttl: Duration) -> Self {
        self.with(|shared| shared.rules.status_ttls.push((status, ttl)))
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
        self.with(|shared| shared.rules.heuristic = Heuristic::new(part, longest))
    }

    /// The fields that take the place of `Cache-Control` and `Expires` for this cache, the first that is there the
    /// most (RFC 9213); `CDN-Cache-Control` alone unless it is said. Each is a Structured Field, a dictionary;
    /// one that cannot be read is ignored. All of them are passed on.
    #[must_use]
    pub fn targets(self, fields: impl IntoIterator<Item = HeaderName>) -> Self {
        let fields: Vec<_> = fields.into_iter().collect();
        self.with(|shared| shared.rules.targets = fields)
    }

    /// Ignores a directive of requests; all are honoured unless it is said.
    ///
    /// By RFC 9111 a client decides what it accepts: a browser's reload says `no-cache`, and the handler runs.
    /// Where clients are not to decide how often it does, ignore [`NoCache`](RequestDirective::NoCache),
    /// [`MaxAge`](RequestDirective::MaxAge), [`MinFresh`](RequestDirective::MinFresh) and
    /// [`NoStore`](RequestDirective::NoStore).
    #[must_use]
    pub fn ignore(self, directive: RequestDirective) -> Self {
        self.with(|shared| shared.rules.ignored.push(directive))
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
        self.with(|shared| shared.empty = shared.empty.with(make))
    }

    /// What the cache has done since it was made.
    #[must_use]
    pub fn stats(&self) -> CacheStats {
        self.shared.engine.stats()
    }

    fn with(mut self, change: impl FnOnce(&mut Shared)) -> Self {
        change(Arc::make_mut(&mut self.shared));
        self
    }

    fn with_new_engine(self, change: impl FnOnce(&mut Shared)) -> Self {
        let (name, surroundings) = (Arc::clone(&self.name), self.surroundings.clone());
        let capacity = self.capacity;
        self.with(|shared| {
            change(shared);
            shared.engine = engine(&name, capacity, shared.max_body, &surroundings);
        })
    }
}

#[expect(
    clippy::expect_used,
    reason = "the builder refuses a capacity of zero, which is made one here, and a fixed TTL of zero"
)]
fn engine(
    name: &Arc<str>,
    capacity: u64,
    max_body: usize,
    surroundings: &Surroundings,
) -> Engine<Direct<Variants>> {
    // room for the fields of the longest
    const FIELDS: usize = 64 * 1024;
    let mut builder = EngineBuilder::new(name, surroundings);
    // no entry weighs as little as one byte
    builder.bound = Bound::Bytes(capacity.max(1));
    builder.weigh = Weigh::Bytes(Arc::new(|variants: &Arc<Variants>| variants.weight()));
    builder.heaviest = u64::try_from(max_body.saturating_add(FIELDS)).unwrap_or(u64::MAX);
    // each response brings its own
    builder.ttl = Ttl::Fixed(Duration::MAX);
    builder
        .build(surroundings.clone())
        .expect("a bound and a TTL above zero")
}

impl<S> Layer<S> for CacheLayer {
    type Service = CacheService<S>;

    fn layer(&self, inner: S) -> CacheService<S> {
        CacheService::new(inner, Arc::clone(&self.shared))
    }
}
