//! Within a run of `shuttle`, that chooses.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::Ordering;
use std::sync::{LockResult, PoisonError, atomic};

use shuttle::current::try_get_current_task;

/// One thing of the standard library, or its counterpart.
#[derive(Debug)]
enum Either<P, S> {
    Plain(P),
    Scheduled(S),
}

/// The thread as the schedule knows it; `None` outside.
fn thread() -> Option<usize> {
    try_get_current_task().map(usize::from)
}

#[derive(Debug)]
pub(crate) struct Mutex<T>(Either<std::sync::Mutex<T>, shuttle::sync::Mutex<T>>);

#[derive(Debug)]
pub(crate) struct MutexGuard<'a, T>(
    Either<std::sync::MutexGuard<'a, T>, shuttle::sync::MutexGuard<'a, T>>,
);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(match thread() {
            None => Either::Plain(std::sync::Mutex::new(value)),
            Some(_) => Either::Scheduled(shuttle::sync::Mutex::new(value)),
        })
    }

    pub(crate) fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        match &self.0 {
            Either::Plain(mutex) => guard(mutex.lock(), Either::Plain),
            Either::Scheduled(mutex) => guard(mutex.lock(), Either::Scheduled),
        }
    }
}

type Guards<'a, T> = Either<std::sync::MutexGuard<'a, T>, shuttle::sync::MutexGuard<'a, T>>;

fn guard<'a, T, G>(
    locked: LockResult<G>,
    either: impl FnOnce(G) -> Guards<'a, T>,
) -> LockResult<MutexGuard<'a, T>> {
    match locked {
        Ok(guard) => Ok(MutexGuard(either(guard))),
        Err(poisoned) => Err(PoisonError::new(MutexGuard(either(poisoned.into_inner())))),
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Either::Plain(guard) => guard,
            Either::Scheduled(guard) => guard,
        }
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.0 {
            Either::Plain(guard) => guard,
            Either::Scheduled(guard) => guard,
        }
    }
}

macro_rules! atomic {
    ($name:ident, $of:ty) => {
        #[derive(Debug)]
        pub(crate) struct $name(Either<atomic::$name, shuttle::sync::atomic::$name>);

        impl $name {
            pub(crate) fn new(value: $of) -> Self {
                Self(match thread() {
                    None => Either::Plain(atomic::$name::new(value)),
                    Some(_) => Either::Scheduled(shuttle::sync::atomic::$name::new(value)),
                })
            }

            pub(crate) fn load(&self, order: Ordering) -> $of {
                match &self.0 {
                    Either::Plain(atomic) => atomic.load(order),
                    Either::Scheduled(atomic) => atomic.load(order),
                }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new(0)
            }
        }
    };
}

atomic!(AtomicU64, u64);
atomic!(AtomicUsize, usize);

impl AtomicU64 {
    pub(crate) fn fetch_add(&self, value: u64, order: Ordering) -> u64 {
        match &self.0 {
            Either::Plain(atomic) => atomic.fetch_add(value, order),
            Either::Scheduled(atomic) => atomic.fetch_add(value, order),
        }
    }
}

impl AtomicUsize {
    pub(crate) fn store(&self, value: usize, order: Ordering) {
        match &self.0 {
            Either::Plain(atomic) => atomic.store(value, order),
            Either::Scheduled(atomic) => atomic.store(value, order),
        }
    }
}

/// What a thread has of its own. All threads of a schedule are one thread of the machine.
#[derive(Debug)]
pub(crate) struct Local<T> {
    plain: RefCell<T>,
    scheduled: RefCell<BTreeMap<usize, T>>,
}

impl<T: Default> Local<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            plain: RefCell::new(value),
            scheduled: RefCell::new(BTreeMap::new()),
        }
    }

    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        match thread() {
            None => f(&mut self.plain.borrow_mut()),
            Some(thread) => f(self.scheduled.borrow_mut().entry(thread).or_default()),
        }
    }
}

thread_local! {
    static HERE: u8 = const { 0 };
}

/// Which thread this is.
pub(crate) fn here() -> usize {
    let plain = || HERE.with(|here| std::ptr::from_ref(here).addr());
    thread().unwrap_or_else(plain)
}

/// Where somebody else may go first. Reading an atomic is a place where a schedule changes threads.
pub(crate) fn switch() {
    if thread().is_some() {
        AtomicU64::default().load(Ordering::Relaxed);
    }
}
