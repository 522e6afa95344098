//! Calls from a thread that waits for them.

use std::cell::Cell;
use std::marker::PhantomData;

thread_local! {
    static WAITING: Cell<usize> = const { Cell::new(0) };
}

/// As long as it lives, this thread's calls are made on the home thread: it is about to block, and may be
/// the one that would have to drive a connection of its runtime.
#[derive(Debug)]
#[must_use]
pub(crate) struct Apart(PhantomData<*const ()>);

/// This thread is about to wait for its calls.
pub(crate) fn apart() -> Apart {
    WAITING.set(WAITING.get() + 1);
    Apart(PhantomData)
}

pub(super) fn is_waiting() -> bool {
    WAITING.get() > 0
}

impl Drop for Apart {
    fn drop(&mut self) {
        WAITING.set(WAITING.get().saturating_sub(1));
    }
}
