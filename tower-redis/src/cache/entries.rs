//! Many keys of a cache, and what is special about one call.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashMap;

use crate::key::{KeyFor, KeyWriter};

use super::hold::{Hold, Pointed};
use super::status::Status;
use super::terms::Call;
use super::typed::Cache;

/// Many keys of a [`Cache`], and what is special about this call.
#[must_use = "it does nothing until one of its async methods is awaited"]
pub struct CacheEntries<'a, Q, K, V: Clone + Send + Sync + 'static> {
    cache: &'a Cache<K, V>,
    keys: &'a [Q],
    call: Call,
}

impl<K, V: Clone + Send + Sync + 'static> Cache<K, V> {
    /// Many keys, for what needs more than the keys: tags, a TTL of its own.
    pub fn entries<'a, Q: KeyFor<K>>(&'a self, keys: &'a [Q]) -> CacheEntries<'a, Q, K, V> {
        CacheEntries {
            cache: self,
            keys,
            call: Call::default(),
        }
    }

    /// The value for each of `keys`, in their order, if a fresh one is there, here or in Redis. Nothing is
    /// loaded.
    ///
    /// What is not here is asked for in one round trip; of many keys these are sent as several commands at
    /// once. While Redis does not answer, it is as with [`get`](Self::get).
    ///
    /// # Cancellation
    /// Dropping the future has no effect.
    pub async fn get_many<Q: KeyFor<K>>(&self, keys: &[Q]) -> Vec<Option<V>> {
        self.entries(keys).get().await
    }

    /// The value for each of `keys`, in their order, or what `load` brings for those that are missing, stored
    /// with the cache's TTL. `None` stands for what it did not bring; nothing is stored for that.
    ///
    /// `load` is called once, with what is missing, and not at all when nothing is. It answers pairs of a key and
    /// a value in any order; what nobody asked for is left out. What other calls are loading is not loaded again:
    /// it is waited for once `load` is done, and `load` is called again only for what they did not bring, since
    /// they were dropped for instance. Others wait for what is loaded here as they do for any load.
    ///
    /// In Redis the missing keys are looked up in one round trip; the right to store what is loaded, and the
    /// storing of it, take one more each. Each process loads for itself, also under [`fleet_flight`].
    ///
    /// ```
    /// # use std::convert::Infallible;
    /// # use tower_redis::Toolkit;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let users = Toolkit::in_memory().cache::<u64, String>("users").build()?;
    /// let found = users.get_or_load_many(&[1, 7, 9], |missing| async move {
    ///     let known = missing.into_iter().filter(|id| **id < 8);
    ///     Ok::<_, Infallible>(known.map(|id| (*id, format!("user {id}"))))
    /// });
    /// let names = found.await?;
    /// assert_eq!(names[1].as_deref(), Some("user 7"));
    /// assert_eq!(names[2], None);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// That of a load of one of the keys, shared by those who waited for it, unless something stale answers in its
    /// place for every key. What else was loaded is stored all the same.
    ///
    /// # Cancellation
    /// As with [`get_or_load`](Self::get_or_load): `load` is dropped with the returned future, and of those who
    /// wait for one of the keys one runs its own.
    ///
    /// [`fleet_flight`]: super::CacheBuilder::fleet_flight
    pub async fn get_or_load_many<'k, Q, E, F, Fut, I, L>(
        &'k self,
        keys: &'k [Q],
        load: F,
    ) -> Result<Vec<Option<V>>, Arc<E>>
    where
        Q: KeyFor<K>,
        E: Send + Sync + 'static,
        F: FnMut(Vec<&'k Q>) -> Fut,
        Fut: Future<Output = Result<I, E>>,
        I: IntoIterator<Item = (L, V)>,
        L: KeyFor<K>,
    {
        self.entries(keys).get_or_load(load).await
    }
}

impl<'a, Q: KeyFor<K>, K, V: Clone + Send + Sync + 'static> CacheEntries<'a, Q, K, V> {
    /// What is stored by this call becomes unusable when one of `tags` is invalidated.
    pub fn tags<T: AsRef<str>>(mut self, tags: &[T]) -> Self {
        let tags = tags.iter().map(|tag| tag.as_ref().into());
        self.call.tags.extend(tags);
        self
    }

    /// What is stored by this call lives for `ttl`, whatever the cache says. Zero stores nothing.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.call.ttl = Some(ttl);
        self
    }

    /// This call is made as if there were no cache: nothing is looked up, waited for or stored.
    pub fn bypass(mut self) -> Self {
        self.call.bypass = true;
        self
    }

    /// [`Cache::get_many`].
    ///
    /// # Cancellation
    /// As there.
    pub async fn get(self) -> Vec<Option<V>> {
        let written = write(self.keys);
        let distinct = Distinct::of(&written);
        let engine = &self.cache.engine;
        let found = if self.call.bypass {
            let each = distinct.keys.iter();
            each.map(|_| engine.count(Status::Bypass, false))
                .map(|()| None)
                .collect()
        } else {
            engine.seek_many(&distinct.keys).await
        };
        distinct.spread(found)
    }

    /// [`Cache::get_or_load_many`].
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancellation
    /// As there.
    pub async fn get_or_load<E, F, Fut, I, L>(self, load: F) -> Result<Vec<Option<V>>, Arc<E>>
    where
        E: Send + Sync + 'static,
        F: FnMut(Vec<&'a Q>) -> Fut,
        Fut: Future<Output = Result<I, E>>,
        I: IntoIterator<Item = (L, V)>,
        L: KeyFor<K>,
    {
        let written = write(self.keys);
        let distinct = &Distinct::of(&written);
        let (keys, mut load) = (self.keys, load);
        let load = |places: Vec<usize>| {
            let asked = places.into_iter().map(|place| &keys[distinct.first[place]]);
            let loading = load(asked.collect());
            async move {
                let brought = loading.await.map_err(Arc::new)?;
                let brought = brought.into_iter().filter_map(|(key, value)| {
                    let place = distinct.place(KeyWriter::of(&key).as_bytes())?;
                    Some((place, Pointed::hold(value)))
                });
                Ok::<_, Arc<E>>(brought.collect())
            }
        };
        let engine = &self.cache.engine;
        let found = engine.load_many(&distinct.keys, &self.call, load).await?;
        Ok(distinct.spread(found))
    }
}

impl<Q, K, V: Clone + Send + Sync + 'static> fmt::Debug for CacheEntries<'_, Q, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheEntries")
            .field("cache", &self.cache)
            .field("keys", &self.keys.len())
            .finish_non_exhaustive()
    }
}

fn write<K, Q: KeyFor<K>>(keys: &[Q]) -> Vec<KeyWriter> {
    keys.iter().map(KeyWriter::of).collect()
}

/// Keys without those that came before.
struct Distinct<'a> {
    keys: Vec<&'a [u8]>,
    /// Where each of them came first.
    first: Vec<usize>,
    /// Which of them each one is of all that there were.
    of: Vec<usize>,
    places: HashMap<&'a [u8], usize, foldhash::fast::RandomState>,
}

impl<'a> Distinct<'a> {
    fn of(written: &'a [KeyWriter]) -> Self {
        let mut distinct = Self {
            keys: Vec::with_capacity(written.len()),
            first: Vec::with_capacity(written.len()),
            of: Vec::with_capacity(written.len()),
            places: HashMap::default(),
        };
        for (at, key) in written.iter().map(KeyWriter::as_bytes).enumerate() {
            let next = distinct.keys.len();
            let place = *distinct.places.entry(key).or_insert(next);
            if place == next {
                distinct.keys.push(key);
                distinct.first.push(at);
            }
            distinct.of.push(place);
        }
        distinct
    }

    fn place(&self, key: &[u8]) -> Option<usize> {
        self.places.get(key).copied()
    }

    /// What was found for the distinct ones, for all that there were.
    fn spread<V: Clone + Send + Sync + 'static>(
        &self,
        found: Vec<Option<Pointed<V>>>,
    ) -> Vec<Option<V>> {
        let found: Vec<_> = found
            .into_iter()
            .map(|found| found.map(Hold::into_value))
            .collect();
        if self.of.len() == found.len() {
            return found;
        }
        let all = self.of.iter().map(|place| found[*place].clone());
        all.collect()
    }
}
