//! The one handle that wires everything.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::cache::assembly::Surroundings;
use crate::cache::caches::Caches;
use crate::cache::tagging::Tagging;
use crate::cache::tags::Severity;
use crate::cache::{CacheBuilder, Invalidated};
use crate::clock::Clock;
use crate::codec::CacheValue;
use crate::config::Settings;
use crate::error::Error;
#[cfg(feature = "rate-limit")]
use crate::limit::LimiterSet;
#[cfg(feature = "redis")]
use crate::limit::count_processes;
use crate::limit::{Limiter, LimiterStats, Policy, Quotas};
use crate::pubsub::Bus;
use crate::registry::Registry;
use crate::scope::Scope;
use crate::tasks::Tasks;
#[cfg(feature = "redis")]
use crate::wire::Wire;

#[cfg(feature = "http-cache")]
use crate::middleware::http_cache::CacheLayer;
#[cfg(feature = "rate-limit")]
use crate::middleware::rate_limit::{Policies, RateLimitLayer};

use super::connections::Connections;
#[cfg(feature = "macros")]
use super::functions::Functions;
use super::metrics;
use super::stats::Stats;

/// Caches, limits and events that belong together. Clones are the same toolkit.
///
/// See the [module docs](crate::toolkit) for how it becomes current.
#[derive(Clone)]
pub struct Toolkit(Arc<Inner>);

pub(crate) struct Inner {
    id: u64,
    settings: Settings,
    surroundings: Surroundings,
    #[cfg(feature = "macros")]
    functions: Functions,
    limiters: Registry<LimiterStats>,
    connections: Connections,
}

impl Toolkit {
    pub(crate) fn new(settings: Settings, clock: Clock, connections: Connections) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let surroundings = Surroundings {
            enabled: settings.cache.enabled,
            default_ttl: settings.cache.default_ttl,
            packing: settings.cache.packing(),
            tags: connections.tags.clone(),
            far: connections.far.clone(),
            clock,
            tasks: Tasks::default(),
            registry: Arc::default(),
            caches: Arc::default(),
        };
        Self(Arc::new(Inner {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            settings,
            surroundings,
            #[cfg(feature = "macros")]
            functions: Functions::default(),
            limiters: Registry::default(),
            connections,
        }))
    }

    pub(crate) fn from_inner(inner: Arc<Inner>) -> Self {
        Self(inner)
    }

    /// A toolkit in memory, with the defaults; it reads no environment.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::new(Settings::default(), Clock::system(), Connections::none())
    }

    /// `future`, with this toolkit current for the cached functions it calls and the tasks it starts
    /// through them. What it hands to `tokio::spawn` itself is not covered.
    pub fn scope<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        self.as_scope().around(future)
    }

    /// Runs `f` with this toolkit current.
    pub fn scope_sync<R>(&self, f: impl FnOnce() -> R) -> R {
        self.as_scope().enter(f)
    }

    /// [`scope`](Self::scope) for every request of a service.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn scope_layer(&self) -> crate::middleware::scope::ScopeLayer {
        crate::middleware::scope::ScopeLayer::new(self.as_scope())
    }

    fn as_scope(&self) -> Scope {
        Scope::of(Arc::clone(&self.0))
    }

    /// A cache of `V` by `K`, to be set up; its values are shared with other processes where there is
    /// Redis. Build it once and keep it: each build is a cache of its own in this process.
    pub fn cache<K, V: CacheValue>(&self, name: &str) -> CacheBuilder<K, V> {
        CacheBuilder::shared(name, self.surroundings())
    }

    /// A cache whose values stay in this process, for values that cannot travel. Invalidations by tag reach
    /// it from other processes; those by key do not.
    pub fn near_cache<K, V>(&self, name: &str) -> CacheBuilder<K, V>
    where
        V: Clone + Send + Sync + 'static,
    {
        CacheBuilder::near(name, self.surroundings())
    }

    /// Makes every entry that carries one of `tags` unusable, in every cache of this toolkit and of those
    /// that share its Redis.
    ///
    /// # Cancellation
    /// Dropped half-way, it is done in this process, and will be done in the others.
    pub async fn invalidate_tags<T: AsRef<str>>(&self, tags: &[T]) -> Invalidated {
        let tagging = &self.0.surroundings.tags;
        tagging.invalidate(tags, Severity::Remove).await
    }

    /// Makes every entry that carries one of `tags` stale, in every cache of this toolkit and in every process:
    /// it is loaded anew, and until then may answer as its cache allows. What may not be used once it is stale
    /// is gone. While Redis does not answer, and when dropped half-way, it is as with
    /// [`invalidate_tags`](Self::invalidate_tags).
    pub async fn expire_tags<T: AsRef<str>>(&self, tags: &[T]) -> Invalidated {
        let tagging = &self.0.surroundings.tags;
        tagging.invalidate(tags, Severity::Expire).await
    }

    /// A limiter for checks of your own. Make it once and keep it: each one counts for itself.
    ///
    /// # Errors
    /// When the policy is one that cannot be kept exactly, or has a part that is zero.
    pub fn limiter<X>(&self, policy: &Policy<X>) -> Result<Limiter, Error> {
        let limiter = self.limiter_of(policy)?;
        self.0.limiters.add(limiter.reports());
        Ok(limiter)
    }

    /// A limiter whose quota each call says, as those of tenants do; `policy` says the rest.
    ///
    /// # Errors
    /// Those of [`limiter`](Self::limiter).
    pub fn quotas(&self, policy: &Policy) -> Result<Quotas, Error> {
        let toolkit = self.clone();
        Quotas::new(
            policy.clone(),
            Box::new(move |policy| toolkit.limiter(policy)),
        )
    }

    fn limiter_of<X>(&self, policy: &Policy<X>) -> Result<Limiter, Error> {
        let clock = self.clock().clone();
        #[cfg(feature = "redis")]
        if let Some(server) = &self.0.connections.server {
            count_processes(&server.limits, policy, &clock)?;
            return Limiter::shared(policy, clock, &server.limits);
        }
        Limiter::new(policy, clock)
    }

    /// A layer that keeps a service within a policy, or within several that decide together: a tuple of them, each with
    /// its own key. All services it makes, their clones and their connections share one count.
    ///
    /// # Errors
    /// Those of [`limiter`](Self::limiter), and when two of the policies have one name.
    #[cfg(feature = "rate-limit")]
    pub fn rate_limit_layer<P: Policies>(
        &self,
        policies: P,
    ) -> Result<RateLimitLayer<P::Key>, Error> {
        let (policies, key) = policies.apart();
        let limiters = policies.iter().map(|policy| self.limiter(policy));
        let limiters = limiters.collect::<Result<Vec<_>, _>>()?;
        Ok(RateLimitLayer::new(LimiterSet::new(limiters)?, key))
    }

    /// A layer that caches HTTP responses as their own fields say. All services it makes, their clones
    /// and their connections share what is stored; another call makes a layer with a store of its own.
    #[cfg(feature = "http-cache")]
    #[must_use]
    pub fn cache_layer(&self) -> CacheLayer {
        CacheLayer::new(self.surroundings())
    }

    /// The bus that carries events to whoever subscribed.
    #[must_use]
    pub fn bus(&self) -> Bus {
        self.0.connections.bus.clone()
    }

    /// What it has done so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            caches: self.0.surroundings.registry.stats(),
            limiters: self.0.limiters.stats(),
            redis: self.redis_stats(),
            cache_redis: self.cache_redis_stats(),
        }
    }

    /// Tells the installed `metrics` recorder all counts as they are now. Call it before a scrape is
    /// answered, or from time to time: counting itself never touches the recorder.
    pub fn record_metrics(&self) {
        metrics::record(&self.stats());
    }

    /// Ends what runs in the background: starts no more detached loads, and waits at most `deadline`
    /// for those under way. Answers how many are still running then. Caches go on to work; their loads
    /// are part of their callers from now on. A second call waits again.
    ///
    /// # Cancellation
    /// Dropped, it stops waiting; no detached load is started from its first poll on. Outside a Tokio runtime it does not wait.
    ///
    /// # Panics
    /// When there is something to wait for on a Tokio runtime whose timer is off.
    pub async fn shutdown(&self, deadline: Duration) -> usize {
        self.0.surroundings.tasks.finish(deadline).await
    }

    /// The settings it was set up with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Where it gets the time from.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.surroundings.clock
    }

    pub(crate) fn surroundings(&self) -> Surroundings {
        self.0.surroundings.clone()
    }

    /// Its tags, here and far.
    pub(crate) fn tagging(&self) -> &Tagging {
        &self.0.surroundings.tags
    }

    /// Its caches whose keys can be told from outside.
    pub(crate) fn caches(&self) -> &Arc<Caches> {
        &self.0.surroundings.caches
    }

    #[cfg(feature = "macros")]
    pub(crate) fn functions(&self) -> &Functions {
        &self.0.functions
    }

    /// The ways to the Redis of everything, and to the one that caches have for themselves.
    #[cfg(feature = "redis")]
    pub(super) fn wires(&self) -> (Option<&Wire>, Option<&Wire>) {
        let connections = &self.0.connections;
        let everything = connections.server.as_ref().map(|server| &server.wire);
        (everything, connections.caches_own.as_ref())
    }

    pub(crate) fn id(&self) -> u64 {
        self.0.id
    }
}

impl fmt::Debug for Toolkit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Toolkit")
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}
