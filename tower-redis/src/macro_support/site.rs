//! The cache of one function, and one call of it.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::time::Duration;

use crate::cache::builder::EngineBuilder;
use crate::cache::engine::Engine;
use crate::cache::near::Bound;
use crate::cache::terms::Ttl;
use crate::cache::{Invalidated, Lookup, Status};
use crate::key::KeyWriter;
use crate::toolkit::Toolkit;
use crate::toolkit::slot::Slot;

use super::returns::Plan;
use super::terms::Terms;

/// The cache of one function.
pub struct Cached<P> {
    slot: &'static Slot,
    name: fn() -> String,
    capacity: Option<u64>,
    plan: PhantomData<fn() -> P>,
}

impl<P> Clone for Cached<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Cached<P> {}

impl<P> Cached<P> {
    /// The cache in `slot`, which is made on first use.
    pub fn new(slot: &'static Slot, name: fn() -> String, capacity: Option<u64>, _: P) -> Self {
        Self {
            slot,
            name,
            capacity,
            plan: PhantomData,
        }
    }
}

impl<P: Plan> Cached<P> {
    /// One call.
    #[must_use]
    pub fn at(self, key: KeyWriter) -> Found<P> {
        Found { cached: self, key }
    }

    /// Removes everything.
    #[must_use]
    pub fn clear(self) -> Invalidated {
        self.with(Engine::clear)
    }

    /// Runs `load` for `miss` inside this future, unless another call does.
    pub async fn load<A, F, Fut>(self, miss: Miss<A>, load: F) -> Lookup<P::Return>
    where
        F: FnOnce(A) -> Fut,
        Fut: Future<Output = P::Return>,
    {
        let load = || load(miss.arguments);
        self.at(miss.key).load(&miss.terms, load).await
    }

    pub(super) async fn load_detached<A, F, Fut>(self, miss: Miss<A>, load: F) -> Lookup<P::Return>
    where
        P: Plan<Return: Send>,
        A: Send + 'static,
        F: FnOnce(A) -> Fut + Send + 'static,
        Fut: Future<Output = P::Return> + Send + 'static,
    {
        let (key, arguments) = (miss.key, miss.arguments);
        let load = || async { P::split(load(arguments).await) };
        self.engine()
            .load_detached::<P::Sharing, _, _, _>(key.as_bytes(), miss.terms.0, load)
            .await
            .map(answer::<P>)
    }

    fn with<R>(self, f: impl FnOnce(&Engine<P::Value>) -> R) -> R {
        self.slot.with(|toolkit| self.build(toolkit), f)
    }

    fn engine(self) -> Engine<P::Value> {
        self.slot.engine(|toolkit| self.build(toolkit))
    }

    fn build(self, toolkit: &Toolkit) -> Engine<P::Value> {
        build(&(self.name)(), self.capacity, toolkit)
    }
}

impl<P> fmt::Debug for Cached<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

#[expect(
    clippy::expect_used,
    reason = "a capacity of zero was refused by the compiler, and nothing else can be wrong"
)]
fn build<V: Clone + Send + Sync + 'static>(
    name: &str,
    capacity: Option<u64>,
    toolkit: &Toolkit,
) -> Engine<V> {
    // settings made in code may hold no default at all; then nothing is kept long enough to be found
    const LEAST: Duration = Duration::from_nanos(1);
    let surroundings = toolkit.surroundings();
    let mut builder = EngineBuilder::new(name, &surroundings);
    builder.ttl = Ttl::Fixed(surroundings.default_ttl.max(LEAST));
    if let Some(capacity) = capacity {
        builder.bound = Bound::Entries(capacity);
    }
    builder
        .build(surroundings)
        .expect("the settings of a cached function are checked when it is compiled")
}

/// The capacity as an option gives it.
///
/// # Panics
/// When it is not an amount of entries; in the compiler, since it is evaluated there.
#[must_use]
pub const fn capacity(entries: i128) -> u64 {
    assert!(
        entries > 0,
        "`capacity` of a cached function is zero or less; expected at least 1 entry"
    );
    assert!(
        entries <= u64::MAX as i128,
        "`capacity` of a cached function does not fit into a `u64`"
    );
    entries as u64
}

/// The name of a method's cache: that of its type, without type arguments, and its own.
#[must_use]
pub fn method_name<T: ?Sized>(method: &str) -> String {
    let ty = std::any::type_name::<T>();
    let ty = ty.split('<').next().unwrap_or(ty);
    format!("{ty}::{method}")
}

/// A call that found nothing, with arguments it owns.
pub struct Miss<A> {
    key: KeyWriter,
    terms: Terms,
    arguments: A,
}

impl<A> fmt::Debug for Miss<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Miss")
            .field("terms", &self.terms)
            .finish_non_exhaustive()
    }
}

/// One call of a cached function.
pub struct Found<P: Plan> {
    cached: Cached<P>,
    key: KeyWriter,
}

impl<P: Plan> Found<P> {
    /// The answer, if a usable one is kept.
    #[must_use]
    pub fn hit(&self) -> Option<Lookup<P::Return>> {
        self.peek().map(|answer| Lookup::new(answer, Status::Near))
    }

    /// The answer, if a usable one is kept, without the status.
    #[must_use]
    pub fn peek(&self) -> Option<P::Return> {
        let entry = self.cached.with(|engine| {
            let enabled = engine.enabled();
            enabled.then(|| engine.hit(self.key.as_bytes())).flatten()
        })?;
        Some(P::join(entry.value.clone()))
    }

    /// Removes it.
    #[must_use]
    pub fn invalidate(&self) -> Invalidated {
        self.cached
            .with(|engine| engine.invalidate(self.key.as_bytes()))
    }

    /// Keeps `answer`, or nothing where it is one that is not kept.
    pub fn put(&self, terms: &Terms, answer: P::Return) {
        match P::split(answer) {
            Ok(value) => self
                .cached
                .engine()
                .put(self.key.as_bytes(), value, &terms.0),
            Err(_) => drop(self.invalidate()),
        }
    }

    /// Runs `load`, whatever is kept, and keeps what it brings.
    pub async fn refresh(self, terms: &Terms, load: impl Future<Output = P::Return>) -> P::Return {
        let load = async { P::split(load.await) };
        let (engine, key) = (self.cached.engine(), self.key.as_bytes());
        answer::<P>(engine.refresh(key, &terms.0, load).await)
    }

    /// [`refresh`](Self::refresh) on this thread.
    pub fn refresh_blocking(self, terms: &Terms, load: impl FnOnce() -> P::Return) -> P::Return {
        let load = || P::split(load());
        let (engine, key) = (self.cached.engine(), self.key.as_bytes());
        answer::<P>(engine.refresh_blocking(key, &terms.0, load))
    }

    /// Runs `load` inside this future, unless another call does.
    pub async fn load<F, Fut>(self, terms: &Terms, load: F) -> Lookup<P::Return>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = P::Return>,
    {
        let load = || async { P::split(load().await) };
        let (engine, key) = (self.cached.engine(), self.key.as_bytes());
        engine
            .load::<P::Sharing, _, _, _>(key, &terms.0, load)
            .await
            .map(answer::<P>)
    }

    /// What a load needs that runs elsewhere.
    #[must_use]
    pub fn miss<A>(self, terms: Terms, arguments: A) -> Miss<A> {
        Miss {
            key: self.key,
            terms,
            arguments,
        }
    }

    /// Runs `load` on this thread, unless another one does.
    pub fn load_blocking(
        self,
        terms: &Terms,
        load: impl FnOnce() -> P::Return,
    ) -> Lookup<P::Return> {
        let load = || P::split(load());
        let (engine, key) = (self.cached.engine(), self.key.as_bytes());
        engine
            .load_blocking::<P::Sharing, _>(key, &terms.0, load)
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

fn answer<P: Plan>(loaded: Result<P::Value, P::Return>) -> P::Return {
    match loaded {
        Ok(value) => P::join(value),
        Err(answer) => answer,
    }
}
