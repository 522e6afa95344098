//! Nobody chooses.

use std::cell::RefCell;
use std::ptr;

pub(crate) use std::sync::atomic::{AtomicU64, AtomicUsize};
pub(crate) use std::sync::{Mutex, MutexGuard};

/// What a thread has of its own.
#[derive(Debug)]
pub(crate) struct Local<T>(RefCell<T>);

impl<T: Default> Local<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(RefCell::new(value))
    }

    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.0.borrow_mut())
    }
}

thread_local! {
    static HERE: u8 = const { 0 };
}

/// Which thread this is. One that has ended may have been the same.
#[inline]
pub(crate) fn here() -> usize {
    HERE.try_with(|here| ptr::from_ref(here).addr())
        .unwrap_or_default()
}

/// Where somebody else may go first.
#[inline(always)]
pub(crate) fn switch() {}
