//! One key of a cache, and what is special about one call.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::key::{KeyFor, KeyWriter};

use super::fresh::{Fresh, Previous};
use super::hold::{Hold, Pointed};
use super::made::Made;
use super::share::ByClone;
use super::status::{Lookup, Status};
use super::terms::Call;
use super::turn::NearTier;
use super::typed::Cache;

/// One key of a [`Cache`], and what is special about this call.
#[must_use = "it does nothing until one of its async methods is awaited"]
pub struct CacheEntry<'a, K, V: Clone + Send + Sync + 'static> {
    cache: &'a Cache<K, V>,
    key: KeyWriter,
    call: Call,
}

impl<K, V: Clone + Send + Sync + 'static> Cache<K, V> {
    /// One key, for what needs more than the key: tags, a TTL of its own, the status of the lookup.
    pub fn entry<Q>(&self, key: &Q) -> CacheEntry<'_, K, V>
    where
        Q: KeyFor<K> + ?Sized,
    {
        CacheEntry::new(self, KeyWriter::of(key))
    }
}

impl<'a, K, V: Clone + Send + Sync + 'static> CacheEntry<'a, K, V> {
    fn new(cache: &'a Cache<K, V>, key: KeyWriter) -> Self {
        Self {
            cache,
            key,
            call: Call::default(),
        }
    }

    /// What is stored by this call becomes unusable when one of `tags` is invalidated. Tags reach
    /// across all caches of a toolkit.
    pub fn tags<T: AsRef<str>>(mut self, tags: &[T]) -> Self {
        self.call
            .tags
            .extend(tags.iter().map(|tag| tag.as_ref().into()));
        self
    }

    /// What is stored by this call lives for `ttl`, whatever the cache says. Zero stores nothing.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.call.ttl = Some(ttl);
        self
    }

    /// This call may be answered with what has been stale for at most `window` while it is loaded anew, in
    /// place of what the [cache says](super::CacheBuilder::stale_while_revalidate). Nothing is kept longer for
    /// it.
    pub fn stale_while_revalidate(mut self, window: Duration) -> Self {
        self.windows().while_revalidate = window;
        self
    }

    /// This call may be answered with what has been stale for at most `window` when the load fails, in
    /// place of what the [cache says](super::CacheBuilder::stale_if_error). Nothing is kept longer for it.
    pub fn stale_if_error(mut self, window: Duration) -> Self {
        self.windows().if_error = window;
        self
    }

    /// This call waits no longer than `timeout` where it could have something stale, in place of what the
    /// [cache says](super::CacheBuilder::soft_timeout).
    pub fn soft_timeout(mut self, timeout: Duration) -> Self {
        self.call.soft_timeout = Some(timeout);
        self
    }

    /// This call is made as if there were no cache: nothing is looked up, waited for or stored. What
    /// [`put`](Self::put) is given, and what [`refresh`](Self::refresh) has loaded, is newer than what is there;
    /// so that is removed.
    pub fn bypass(mut self) -> Self {
        self.call.bypass = true;
        self
    }

    fn windows(&mut self) -> &mut super::freshness::Windows {
        let own = self.cache.engine.windows(&self.call);
        self.call.windows.insert(own)
    }

    /// [`Cache::get`], telling where the value came from.
    ///
    /// # Cancellation
    /// As there.
    pub async fn get(self) -> Option<Lookup<V>> {
        let engine = &self.cache.engine;
        if self.call.bypass {
            engine.count(Status::Bypass, false);
            return None;
        }
        let found = engine.seek(self.key.as_bytes(), NearTier::Unknown).await;
        found.map(|found| found.map(Hold::into_value))
    }

    /// [`Cache::get_or_load`], telling how it was answered.
    ///
    /// # Cancellation
    /// As there.
    pub async fn get_or_load<E, F, Fut>(self, load: F) -> Lookup<Result<V, Arc<E>>>
    where
        E: Send + Sync + 'static,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<V, E>>,
    {
        let load = |_| async { load().await.map(made).map_err(Arc::new) };
        let engine = &self.cache.engine;
        engine
            .load::<ByClone, _, _, _>(self.key.as_bytes(), &self.call, load)
            .await
            .map(plain)
    }

    /// [`Cache::get_or_load_detached`], telling how it was answered.
    ///
    /// # Cancellation
    /// As there.
    pub async fn get_or_load_detached<E, F, Fut>(self, load: F) -> Lookup<Result<V, Arc<E>>>
    where
        E: Send + Sync + 'static,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<V, E>> + Send + 'static,
    {
        let load = |_| async { load().await.map(made).map_err(Arc::new) };
        let engine = &self.cache.engine;
        engine
            .load_detached::<ByClone, _, _, _>(self.key.as_bytes(), self.call, load)
            .await
            .map(plain)
    }

    /// [`get_or_load`](Self::get_or_load) with a load that is shown what was there before, if anything is, and
    /// says more of what it brings than the value: see [`Fresh`].
    ///
    /// # Cancellation
    /// As with [`Cache::get_or_load`].
    pub async fn load_with<E, F, Fut>(mut self, load: F) -> Lookup<Result<V, Arc<E>>>
    where
        E: Send + Sync + 'static,
        F: FnOnce(Option<Previous<V>>) -> Fut,
        Fut: Future<Output = Result<Fresh<V>, E>>,
    {
        self.call.late_tags = true;
        let load = |old: Option<_>| async {
            let fresh = load(old.map(Previous::of)).await;
            fresh.map(Fresh::made).map_err(Arc::new)
        };
        let engine = &self.cache.engine;
        engine
            .load::<ByClone, _, _, _>(self.key.as_bytes(), &self.call, load)
            .await
            .map(plain)
    }

    /// [`load_with`](Self::load_with), with `load` running in a task of its own.
    ///
    /// # Cancellation
    /// As with [`Cache::get_or_load_detached`].
    pub async fn load_with_detached<E, F, Fut>(mut self, load: F) -> Lookup<Result<V, Arc<E>>>
    where
        E: Send + Sync + 'static,
        F: FnOnce(Option<Previous<V>>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Fresh<V>, E>> + Send + 'static,
    {
        self.call.late_tags = true;
        let load = |old: Option<_>| async {
            let fresh = load(old.map(Previous::of)).await;
            fresh.map(Fresh::made).map_err(Arc::new)
        };
        let engine = &self.cache.engine;
        engine
            .load_detached::<ByClone, _, _, _>(self.key.as_bytes(), self.call, load)
            .await
            .map(plain)
    }

    /// [`Cache::refresh`].
    ///
    /// # Errors
    /// The error of the load.
    ///
    /// # Cancellation
    /// As there.
    pub async fn refresh<E, F, Fut>(self, load: F) -> Result<V, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<V, E>>,
    {
        let engine = &self.cache.engine;
        let load = async { load().await.map(made) };
        let loaded = engine.refresh(self.key.as_bytes(), &self.call, load).await;
        loaded.map(Hold::into_value)
    }

    /// [`Cache::put`].
    pub async fn put(self, value: V) {
        let engine = &self.cache.engine;
        let value = Pointed::hold(value);
        engine.put(self.key.as_bytes(), value, &self.call).await;
    }
}

impl<K, V: Clone + Send + Sync + 'static> fmt::Debug for CacheEntry<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheEntry")
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

/// What a load brought, as the engine takes it.
fn made<V: Clone + Send + Sync + 'static>(value: V) -> Made<Pointed<V>> {
    Made::of(Pointed::hold(value))
}

/// What the engine answers, as the caller takes it.
fn plain<V, E>(answer: Result<Pointed<V>, E>) -> Result<V, E>
where
    V: Clone + Send + Sync + 'static,
{
    answer.map(Hold::into_value)
}
