//! Loading keys before anybody asks for them.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;

use futures_util::stream::{self, Stream};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::task::yield_now;

use crate::key::{KeyFor, KeyWriter};

use super::event::quietly;
use super::hold::{Hold, Pointed};
use super::made::Made;
use super::typed::Cache;
use super::warming::Warmth;

/// After so many keys others have their turn.
const AT_ONCE: u64 = 32;

/// What is done with progress.
type Told = dyn Fn(&Warmed) + Send + Sync;

/// Keys to load before anybody asks for them; made by [`Cache::warm`].
#[must_use = "nothing is loaded until `run` is awaited, or `start` called"]
pub struct Warm<K, V: Clone + Send + Sync + 'static, M> {
    pub(super) cache: Cache<K, V>,
    keys: M,
    concurrency: usize,
    progress: Option<Box<Told>>,
}

/// How far a warm-up is, and what became of the keys so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Warmed {
    /// Keys that were loaded.
    pub loaded: u64,
    /// Keys that were brought here: from Redis, or by the load of somebody else.
    pub found: u64,
    /// Keys that were here and fresh, or, where caching is off, are not kept.
    pub skipped: u64,
    /// Keys whose load failed or panicked, or had failed a moment ago.
    pub failed: u64,
    /// How many keys there are, where that was known beforehand.
    pub total: Option<u64>,
}

impl Warmed {
    /// Keys that are done.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.loaded + self.found + self.skipped + self.failed
    }

    fn add(&mut self, one: Warmth) {
        let count = match one {
            Warmth::Loaded => &mut self.loaded,
            Warmth::Found => &mut self.found,
            Warmth::Skipped => &mut self.skipped,
            Warmth::Failed => &mut self.failed,
        };
        *count += 1;
    }
}

impl<K, V: Clone + Send + Sync + 'static> Cache<K, V> {
    /// Loads `keys` before anybody asks for them: a few at a time, once or [again and again](Warm::every), and
    /// never in the way of requests.
    ///
    /// That means: as long as a load of this cache runs that is not of a warm-up, none takes up another key. It
    /// stands back for a second at most, so that loads which hang or never cease slow it down and do not stop it;
    /// outside a Tokio runtime with timers nothing tells that the second is over. A load that it has begun goes on; it is one like any other, so who asks for its key waits for it and gets
    /// what it brings. What is here and fresh is skipped, and what Redis has is brought from there. It counts as
    /// loads in the [stats](Cache::stats), and as no lookups.
    ///
    /// ```
    /// # use std::convert::Infallible;
    /// # use tower_redis::Toolkit;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let squares = Toolkit::in_memory().cache::<u64, u64>("squares").build()?;
    /// let warm = squares.warm(1..=100).concurrency(8);
    /// let warmed = warm.run(|n| async move { Ok::<_, Infallible>(n * n) }).await;
    /// assert_eq!(warmed.loaded, 100);
    /// assert_eq!(squares.get(&9).await, Some(81));
    /// # Ok(())
    /// # }
    /// ```
    pub fn warm<I>(
        &self,
        keys: I,
    ) -> Warm<K, V, impl FnMut() -> stream::Iter<I::IntoIter> + use<I, K, V>>
    where
        I: IntoIterator + Clone,
    {
        self.warm_stream(move || stream::iter(keys.clone()))
    }

    /// [`warm`](Self::warm), with keys as they come: `keys` makes the stream of them, once for each time.
    pub fn warm_stream<M, S>(&self, keys: M) -> Warm<K, V, M>
    where
        M: FnMut() -> S,
        S: Stream,
    {
        Warm {
            cache: self.clone(),
            keys,
            concurrency: 1,
            progress: None,
        }
    }
}

impl<K, V, M, S> Warm<K, V, M>
where
    V: Clone + Send + Sync + 'static,
    M: FnMut() -> S,
    S: Stream,
    S::Item: KeyFor<K>,
{
    /// How many keys are loaded at a time: 1, unless this is called. 0 is 1.
    pub fn concurrency(mut self, keys: usize) -> Self {
        self.concurrency = keys.max(1);
        self
    }

    /// Has `told` told how far it is after each key. A panic in it concerns nobody else.
    pub fn progress(mut self, told: impl Fn(&Warmed) + Send + Sync + 'static) -> Self {
        self.progress = Some(Box::new(told));
        self
    }

    /// Loads all of the keys, and answers what became of them. A load that fails, or panics, is counted and stops
    /// nothing.
    ///
    /// # Cancellation
    /// Loads that are under way are dropped with the future; who waits for one of them runs its own.
    pub async fn run<E, F, Fut>(mut self, load: F) -> Warmed
    where
        E: Send + Sync + 'static,
        F: Fn(S::Item) -> Fut,
        Fut: Future<Output = Result<V, E>>,
    {
        self.round(&load).await
    }

    pub(super) async fn round<E, F, Fut>(&mut self, load: &F) -> Warmed
    where
        E: Send + Sync + 'static,
        F: Fn(S::Item) -> Fut,
        Fut: Future<Output = Result<V, E>>,
    {
        let keys = (self.keys)();
        let (least, most) = keys.size_hint();
        let total = most.filter(|most| *most == least);
        let mut warmed = Warmed {
            total: total.and_then(|total| u64::try_from(total).ok()),
            ..Warmed::default()
        };
        let engine = &self.cache.engine;
        let each = keys.map(|key| async move {
            let written = KeyWriter::of(&key);
            let load = || async {
                let loaded = load(key).await;
                loaded
                    .map(|value| Made::of(Pointed::hold(value)))
                    .map_err(Arc::new)
            };
            let warming = AssertUnwindSafe(engine.warm(written.as_bytes(), load));
            warming.catch_unwind().await.unwrap_or(Warmth::Failed)
        });
        let mut each = pin!(each.buffer_unordered(self.concurrency));
        while let Some(one) = each.next().await {
            warmed.add(one);
            if let Some(progress) = &self.progress {
                quietly(|| progress(&warmed));
            }
            // keys that are fresh keep nobody waiting, and so many in a row would keep everybody else
            if warmed.done().is_multiple_of(AT_ONCE) {
                yield_now().await;
            }
        }
        warmed
    }
}

impl<K, V: Clone + Send + Sync + 'static, M> fmt::Debug for Warm<K, V, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Warm")
            .field("cache", &self.cache)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}
