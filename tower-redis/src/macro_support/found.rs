//! One call of a cached function.

use std::fmt;
use std::future::Future;

use crate::cache::hold::{Hold, Pointed};
use crate::cache::made::Made;
use crate::cache::{Cache, Invalidated, Lookup, Status};
use crate::key::{KeyFor, KeyWriter, Sought};

use super::returns::{Kept, Plan};
use super::site::{Cached, Held};
use super::terms::Terms;

/// One call of a cached function.
pub struct Found<P: Plan> {
    pub(super) cached: Cached<P>,
    pub(super) key: KeyWriter,
}

/// What was kept before a load, which may look at it.
pub struct Shown<P: Plan>(Option<Held<P>>);

impl<P: Plan> Shown<P> {
    /// A copy of it.
    #[must_use]
    pub fn value(self) -> Option<P::Value> {
        self.0.map(Hold::into_value)
    }
}

impl<P: Plan> fmt::Debug for Shown<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown")
    }
}

/// What was found by [`Cached::hit`].
pub fn near<T>(value: T) -> Lookup<T> {
    Lookup::new(value, Status::Near)
}

impl<P: Plan> Cached<P> {
    /// One call.
    #[must_use]
    pub fn at(self, key: Sought<'_>) -> Found<P> {
        Found {
            cached: self,
            key: KeyWriter::written(key),
        }
    }
}

impl<P: Plan<Held = Pointed<V>, Value = V>, V: Kept> Cached<P> {
    /// One call that finds what it looks for in `cache`, under `key`.
    pub fn given_at<K, Q>(plan: P, cache: &Cache<K, V>, key: &Q) -> Found<P>
    where
        Q: KeyFor<K> + ?Sized,
    {
        let cached = Self::given(plan, cache);
        KeyWriter::seek(key, |key| cached.at(key))
    }
}

impl<P: Plan> Found<P> {
    /// The answer, if a usable one is kept.
    #[must_use]
    pub fn hit(&self) -> Option<P::Return> {
        self.key.sought(|key| self.cached.hit(key))
    }

    /// The key as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.key.as_bytes()).into_owned()
    }

    /// The answer, if a usable one is kept. It is no lookup, and counts as none.
    pub async fn peek(self) -> Option<P::Return> {
        let engine = self.cached.engine();
        let found = engine.peek(self.key.as_bytes()).await;
        found.map(|found| P::join(found.into_value()))
    }

    /// [`peek`](Self::peek) on this thread.
    #[must_use]
    pub fn peek_blocking(self) -> Option<P::Return> {
        self.cached.engine().wait(self.peek())
    }

    /// Removes it.
    pub async fn invalidate(self) -> Invalidated {
        let engine = self.cached.engine();
        engine.invalidate(self.key.as_bytes()).await
    }

    /// [`invalidate`](Self::invalidate) on this thread.
    #[must_use]
    pub fn invalidate_blocking(self) -> Invalidated {
        self.cached.engine().wait(self.invalidate())
    }

    /// Makes it stale.
    pub async fn expire(self) -> Invalidated {
        let engine = self.cached.engine();
        engine.expire_many(&[self.key]).await
    }

    /// [`expire`](Self::expire) on this thread.
    #[must_use]
    pub fn expire_blocking(self) -> Invalidated {
        self.cached.engine().wait(self.expire())
    }

    /// Keeps `answer`, or nothing where it is one that is not kept.
    pub async fn put(self, terms: &Terms, answer: P::Return) {
        let (engine, key) = (self.cached.engine(), self.key.as_bytes());
        match P::split(answer) {
            Ok(value) => engine.put(key, Held::<P>::hold(value), &terms.0).await,
            Err(_) => {
                engine.invalidate(key).await;
            }
        }
    }

    /// [`put`](Self::put) on this thread.
    pub fn put_blocking(self, terms: &Terms, answer: P::Return) {
        self.cached.engine().wait(self.put(terms, answer));
    }

    /// Runs `load`, whatever is kept, and keeps what it brings.
    pub async fn refresh(self, terms: &Terms, load: impl Future<Output = P::Return>) -> P::Return {
        let load = async { split::<P>(load.await) };
        let (engine, key) = (self.cached.engine(), self.key.as_bytes());
        answer::<P>(engine.refresh(key, &terms.0, load).await)
    }

    /// [`refresh`](Self::refresh) on this thread.
    pub fn refresh_blocking(self, terms: &Terms, load: impl FnOnce() -> P::Return) -> P::Return {
        let load = || split::<P>(load());
        let (engine, key) = (self.cached.engine(), self.key.as_bytes());
        answer::<P>(engine.refresh_blocking(key, &terms.0, load))
    }

    /// Runs `load` inside this future, unless another call does. It is shown what was kept.
    pub async fn load<F, Fut>(self, terms: Terms, load: F) -> Lookup<P::Return>
    where
        F: FnOnce(Shown<P>) -> Fut,
        Fut: Future<Output = P::Return>,
    {
        let load = |shown| async { split::<P>(load(Shown(shown)).await) };
        let (engine, key) = (self.cached.engine(), self.key.as_bytes());
        // apart, so that a call that finds its answer does not carry what only a load needs
        let loading = Box::pin(engine.load::<P::Sharing, _, _, _>(key, &terms.0, load));
        loading.await.map(answer::<P>)
    }

    /// Runs `load` on this thread, unless another one does.
    pub fn load_blocking(
        self,
        terms: Terms,
        load: impl FnOnce(Shown<P>) -> P::Return,
    ) -> Lookup<P::Return> {
        let load = |shown| split::<P>(load(Shown(shown)));
        let (engine, key) = (self.cached.engine(), self.key.as_bytes());
        engine
            .load_blocking::<P::Sharing, _>(key, terms.0, load)
            .map(answer::<P>)
    }

    /// Runs `load` in a task of its own, unless another call does.
    pub(super) async fn load_detached<F, Fut>(self, terms: Terms, load: F) -> Lookup<P::Return>
    where
        P: Plan<Return: Send>,
        F: FnOnce(Shown<P>) -> Fut + Send + 'static,
        Fut: Future<Output = P::Return> + Send + 'static,
    {
        let load = |shown| async { split::<P>(load(Shown(shown)).await) };
        self.cached
            .engine()
            .load_detached::<P::Sharing, _, _, _>(self.key.as_bytes(), terms.0, load)
            .await
            .map(answer::<P>)
    }
}

impl<P: Plan> fmt::Debug for Found<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found")
            .field("cached", &self.cached)
            .finish_non_exhaustive()
    }
}

fn split<P: Plan>(answer: P::Return) -> Result<Made<Held<P>>, P::Return> {
    P::split(answer).map(|value| Made::of(Hold::hold(value)))
}

/// The answer that a load has brought, kept or not.
fn answer<P: Plan>(loaded: Result<Held<P>, P::Return>) -> P::Return {
    match loaded {
        Ok(value) => P::join(value.into_value()),
        Err(answer) => answer,
    }
}
