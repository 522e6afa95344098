//! The cache of one function, and one call of it.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

use crate::cache::engine::Engine;
use crate::cache::far::{Naming, Serial};
use crate::cache::hold::{Hold, Pointed};
use crate::cache::made::Made;

use crate::cache::{Invalidated, Lookup, Status};
use crate::codec::CacheValue;
use crate::key::KeyWriter;
use crate::toolkit::Toolkit;
use crate::toolkit::slot::Slot;

use super::build::build;
use super::miss::Miss;
use super::returns::Plan;
use super::terms::Terms;

/// The cache of one function.
pub struct Cached<P> {
    slot: &'static Slot,
    of: &'static str,
    name: fn() -> String,
    capacity: Option<u64>,
    exact: Option<&'static str>,
    // makes a `Serial` of the value's type: what a plan is asked for is not this type's to say, or a
    // value that cannot be cached would be reported twice
    serial: Option<fn() -> Box<dyn Any>>,
    plan: PhantomData<fn() -> P>,
}

impl<P> Clone for Cached<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Cached<P> {}

/// What was found by [`Cached::hit`].
pub fn near<T>(value: T) -> Lookup<T> {
    Lookup::new(value, Status::Near)
}

/// `cached`, with values that travel to Redis where there is one.
#[must_use]
#[inline]
pub fn shared<P: Plan<Value: CacheValue>>(cached: Cached<P>) -> Cached<P> {
    Cached {
        serial: Some(|| Box::new(Serial::<P::Value>::by_serde())),
        ..cached
    }
}

impl<P> Cached<P> {
    /// The cache in `slot`, which is made on first use.
    #[inline]
    pub fn new(slot: &'static Slot, name: fn() -> String, capacity: Option<u64>, _: P) -> Self {
        Self {
            slot,
            of: "",
            name,
            capacity,
            exact: None,
            serial: None,
            plan: PhantomData,
        }
    }

    /// With keys that lie in Redis as they are written; all of them match `pattern`.
    #[must_use]
    #[inline]
    pub fn exact(self, pattern: &'static str) -> Self {
        Self {
            exact: Some(pattern),
            ..self
        }
    }

    /// That of a method of `T`: an `impl` with type parameters has one `static` for all its types, and
    /// each of them needs a cache of its own.
    #[must_use]
    #[inline]
    pub fn of<T: ?Sized>(self) -> Self {
        Self {
            of: std::any::type_name::<T>(),
            ..self
        }
    }
}

impl<P: Plan> Cached<P> {
    /// The answer of the call with `key`, if a usable one is kept.
    #[must_use]
    #[inline]
    pub fn hit(&self, key: &[u8]) -> Option<P::Return> {
        let found = match self.slot.known(self.of) {
            Some(engine) => engine.hit(key),
            None => self.engine().hit(key),
        };
        found.map(|found| P::join(found.into_value()))
    }

    /// One call.
    #[must_use]
    pub fn at(self, key: &[u8]) -> Found<P> {
        Found {
            cached: self,
            key: KeyWriter::written(key),
        }
    }

    /// Removes everything.
    pub async fn clear(self) -> Invalidated {
        let engine = self.engine();
        engine.clear().await
    }

    /// [`clear`](Self::clear) on this thread.
    #[must_use]
    pub fn clear_blocking(self) -> Invalidated {
        let engine = self.engine();
        engine.wait(engine.clear())
    }

    /// Runs `load` for `miss` inside this future, unless another call does.
    pub async fn load<A, F, Fut>(self, miss: Miss<A>, load: F) -> Lookup<P::Return>
    where
        F: FnOnce(A) -> Fut,
        Fut: Future<Output = P::Return>,
    {
        let load = || load(miss.arguments);
        let (cached, key) = (self, miss.key);
        Found { cached, key }.load(&miss.terms, load).await
    }

    pub(super) async fn load_detached<A, F, Fut>(self, miss: Miss<A>, load: F) -> Lookup<P::Return>
    where
        P: Plan<Return: Send>,
        A: Send + 'static,
        F: FnOnce(A) -> Fut + Send + 'static,
        Fut: Future<Output = P::Return> + Send + 'static,
    {
        let (key, arguments) = (miss.key, miss.arguments);
        let load = |_| async { split::<P>(load(arguments).await) };
        self.engine()
            .load_detached::<P::Sharing, _, _, _>(key.as_bytes(), miss.terms.0, load)
            .await
            .map(answer::<P>)
    }

    #[cold]
    pub(super) fn engine(&self) -> Engine<Held<P>> {
        self.slot.engine(self.of, |toolkit| self.build(toolkit))
    }

    /// That of `toolkit`, whichever is current.
    pub(super) fn engine_in(self, toolkit: &Toolkit) -> Engine<Held<P>> {
        self.slot
            .engine_in(toolkit, self.of, |toolkit| self.build(toolkit))
    }

    fn build(self, toolkit: &Toolkit) -> Engine<Held<P>> {
        let name = (self.name)();
        let naming = match self.exact {
            Some(pattern) => Naming::exact_matching(pattern),
            None => Naming::Function(self.path(&name)),
        };
        let serial = self.serial.and_then(|make| make().downcast().ok());
        build(
            &name,
            self.capacity,
            naming,
            serial.map(|serial| *serial),
            toolkit,
        )
    }
}

impl<P> Cached<P> {
    /// What the function is called where types with other arguments must not be taken for its own.
    fn path(self, name: &str) -> String {
        match (self.of, name.rsplit("::").next()) {
            (of, Some(function)) if !of.is_empty() => format!("{of}::{function}"),
            _ => name.to_owned(),
        }
    }
}

impl<P> fmt::Debug for Cached<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

/// One call of a cached function.
pub struct Found<P: Plan> {
    pub(super) cached: Cached<P>,
    pub(super) key: KeyWriter,
}

impl<P: Plan> Found<P> {
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

    /// Runs `load` inside this future, unless another call does.
    pub async fn load<F, Fut>(self, terms: &Terms, load: F) -> Lookup<P::Return>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = P::Return>,
    {
        let load = |_| async { split::<P>(load().await) };
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
        let load = |_| split::<P>(load());
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

/// How what is kept is held.
type Held<P> = Pointed<<P as Plan>::Value>;

fn split<P: Plan>(answer: P::Return) -> Result<Made<Held<P>>, P::Return> {
    P::split(answer).map(|value| Made::of(Hold::hold(value)))
}

fn answer<P: Plan>(loaded: Result<Held<P>, P::Return>) -> P::Return {
    match loaded {
        Ok(value) => P::join(value.into_value()),
        Err(answer) => answer,
    }
}
