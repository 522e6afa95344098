//! `Cache<K, V>`: the engine behind a typed key.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::key::{KeyFor, KeyWriter};

use super::engine::Engine;
use super::hold::{Hold, Pointed};
use super::standing::Seen;
use super::stats::CacheStats;
use super::status::Invalidated;
use super::turn::NearTier;

/// A cache of `V` by `K`. Clones share it. See the [module docs](crate::cache) for examples.
///
/// Methods take any view of a key: `&str` or `&String` where `K` is `String`, `&("a", 7)` where it is
/// `(String, u64)`.
pub struct Cache<K, V: Clone + Send + Sync + 'static> {
    pub(crate) engine: Engine<Pointed<V>>,
    key: PhantomData<fn(&K)>,
}

impl<K, V: Clone + Send + Sync + 'static> Cache<K, V> {
    pub(crate) fn new(engine: Engine<Pointed<V>>) -> Self {
        Self {
            engine,
            key: PhantomData,
        }
    }

    /// The name given to it, under which it appears in stats and metrics.
    #[must_use]
    pub fn name(&self) -> &str {
        self.engine.name()
    }

    /// The value for `key`, if a fresh one is there, here or in Redis. Nothing is loaded.
    ///
    /// While Redis does not answer: what is in this process, for as long as the
    /// [module docs](crate::cache) say.
    ///
    /// # Cancellation
    /// Dropping the future has no effect.
    pub async fn get<Q>(&self, key: &Q) -> Option<V>
    where
        Q: KeyFor<K> + ?Sized,
    {
        let near = match KeyWriter::seek(key, |key| self.engine.core().see(key)) {
            Seen::Hit(found) => return Some(found.into_value()),
            Seen::Other => NearTier::Unknown,
            Seen::Nothing => NearTier::Empty,
        };
        let key = KeyWriter::of(key);
        let found = self.engine.seek(key.as_bytes(), near).await;
        found.map(|found| found.value.into_value())
    }

    /// Stores `value` for `ttl`, in place of what is there. A load of the key that is under way will
    /// not overwrite it. A `ttl` of zero stores nothing and removes what is there, and so does a value that
    /// [`cache_if`](super::CacheBuilder::cache_if) keeps out.
    ///
    /// While Redis does not answer, it is kept in this process only, and what lies in Redis is removed
    /// before this process reads the key there again.
    ///
    /// # Cancellation
    /// Dropped half-way, it is as if `key` had been invalidated.
    pub async fn put<Q>(&self, key: &Q, value: V, ttl: Duration)
    where
        Q: KeyFor<K> + ?Sized,
    {
        self.entry(key).ttl(ttl).put(value).await;
    }

    /// The value for `key`, or what `load` brings, stored with the cache's TTL.
    ///
    /// Of many concurrent calls for one key one runs its `load`; the others wait and get the same
    /// value, or the same error.
    ///
    /// # Errors
    /// The error of the load, shared by those who waited for it. It is not stored.
    ///
    /// # Cancellation
    /// `load` runs inside the returned future and is dropped with it; one of those who wait runs its
    /// own then. Use [`get_or_load_detached`](Self::get_or_load_detached) for a load that goes on. A
    /// future that is kept and no longer polled, in a `select!` for instance, holds up those who wait.
    pub async fn get_or_load<Q, E, F, Fut>(&self, key: &Q, load: F) -> Result<V, Arc<E>>
    where
        Q: KeyFor<K> + ?Sized,
        E: Send + Sync + 'static,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<V, E>>,
    {
        // the common case first: a hit needs no entry to be set up
        if let Some(found) = self.hit(key) {
            return Ok(found);
        }
        self.entry(key).get_or_load(load).await.value
    }

    /// Like [`get_or_load`](Self::get_or_load), with `load` running in a task of its own.
    ///
    /// # Errors
    /// The error of the load, shared by those who waited for it. It is not stored.
    ///
    /// # Panics
    /// When `load` panics, in the call that started it; the others run their own, a few at a time. And
    /// when the runtime is shut down during the load, where the call that started it outlives it.
    ///
    /// # Cancellation
    /// The load goes on when the returned future is dropped, and its value is stored. It ends with
    /// the runtime of the call that started it; those who wait on another runtime then run their own.
    /// Outside a Tokio runtime it behaves like `get_or_load`.
    pub async fn get_or_load_detached<Q, E, F, Fut>(&self, key: &Q, load: F) -> Result<V, Arc<E>>
    where
        Q: KeyFor<K> + ?Sized,
        E: Send + Sync + 'static,
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<V, E>> + Send + 'static,
    {
        if let Some(found) = self.hit(key) {
            return Ok(found);
        }
        self.entry(key).get_or_load_detached(load).await.value
    }

    /// Runs `load` whatever is stored, and stores what it brings. A load that began before it does not
    /// overwrite it.
    ///
    /// While Redis does not answer: as with [`put`](Self::put).
    ///
    /// # Errors
    /// The error of the load. What was stored stays.
    ///
    /// # Cancellation
    /// `load` is dropped with the future, and what was stored stays. Dropped once the load has ended, it is as
    /// if `key` had been invalidated.
    pub async fn refresh<Q, E, F, Fut>(&self, key: &Q, load: F) -> Result<V, E>
    where
        Q: KeyFor<K> + ?Sized,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<V, E>>,
    {
        self.entry(key).refresh(load).await
    }

    #[inline]
    fn hit<Q>(&self, key: &Q) -> Option<V>
    where
        Q: KeyFor<K> + ?Sized,
    {
        let found = KeyWriter::seek(key, |key| self.engine.core().hit(key))?;
        Some(found.into_value())
    }

    /// Removes `key`, in every process. What is being loaded for it is not stored, and nobody joins that
    /// load.
    ///
    /// While Redis does not answer, it is removed in this process, and [`Invalidated::reach`] is
    /// [`Reach::Pending`](super::Reach::Pending): Redis and the others are told when it answers, and before this process
    /// reads the key there.
    ///
    /// # Cancellation
    /// Dropped half-way, it is done in this process, and will be done in the others.
    pub async fn invalidate<Q>(&self, key: &Q) -> Invalidated
    where
        Q: KeyFor<K> + ?Sized,
    {
        let key = KeyWriter::of(key);
        self.engine.invalidate(key.as_bytes()).await
    }

    /// Makes `key` stale, in every process: it is loaded anew by the next lookup, and until that has brought
    /// something what is there may answer, as [`stale_while_revalidate`] and [`stale_if_error`] allow. Without
    /// them, and under exact keys, it is [`invalidate`](Self::invalidate); so it is in Redis where that does not
    /// answer now. What is being loaded for it is not stored.
    ///
    /// # Cancellation
    /// As with [`invalidate`](Self::invalidate).
    ///
    /// [`stale_while_revalidate`]: super::CacheBuilder::stale_while_revalidate
    /// [`stale_if_error`]: super::CacheBuilder::stale_if_error
    pub async fn expire<Q>(&self, key: &Q) -> Invalidated
    where
        Q: KeyFor<K> + ?Sized,
    {
        self.engine.expire_many(&[KeyWriter::of(key)]).await
    }

    /// Removes every key whose [written form](crate::key) starts with `prefix`. It visits every key of
    /// the cache, and in Redis every key of the database; prefer tags for what happens often. While Redis
    /// does not answer, and when dropped half-way, it is as with [`invalidate`](Self::invalidate).
    ///
    /// # Errors
    /// When `prefix` is empty: that is what [`clear`](Self::clear) is for.
    pub async fn invalidate_prefix(&self, prefix: &str) -> Result<Invalidated, Error> {
        if prefix.is_empty() {
            return Err(Error::config(format!(
                "cache `{}`: the prefix to invalidate is empty; expected at least one character. \
                 To remove everything, call `clear()`",
                self.name()
            )));
        }
        Ok(self.engine.invalidate_prefix(prefix.as_bytes()).await)
    }

    /// Removes everything, in every process. What is being loaded is not stored. While Redis does not
    /// answer, and when dropped half-way, it is as with [`invalidate`](Self::invalidate).
    pub async fn clear(&self) -> Invalidated {
        self.engine.clear().await
    }

    /// What the cache has done so far.
    #[must_use]
    pub fn stats(&self) -> CacheStats {
        self.engine.stats()
    }
}

impl<K, V: Clone + Send + Sync + 'static> Clone for Cache<K, V> {
    fn clone(&self) -> Self {
        Self {
            engine: self.engine.clone(),
            key: PhantomData,
        }
    }
}

impl<K, V: Clone + Send + Sync + 'static> fmt::Debug for Cache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("name", &self.engine.name())
            .finish_non_exhaustive()
    }
}
