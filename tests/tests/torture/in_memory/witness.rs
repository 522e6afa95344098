//! Somebody who is there all the time.

use std::task::{Context, Poll, Waker};

use tower_redis::Toolkit;
use tower_redis::cache::Cache;
use tower_redis::testing::FarProcess;

/// A process that nothing happens to.
pub(super) struct Witness {
    cache: Cache<String, u64>,
    _far: FarProcess,
}

impl Witness {
    pub(super) fn new(toolkit: &Toolkit, far: FarProcess) -> Self {
        let cache = toolkit.cache("witness").build().unwrap();
        Self { cache, _far: far }
    }

    /// Tells everybody something twice: whoever was to lose a message has lost it, and knows.
    pub(super) fn speak(&self) {
        for _ in 0..2 {
            let mut told = Box::pin(self.cache.invalidate("nothing"));
            let told = told.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(matches!(told, Poll::Ready(_)), "it does not dawdle");
        }
    }
}
