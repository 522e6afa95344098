//! A miss that nobody waits for allocates its load and its entry.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use tower_redis::Toolkit;
use tower_redis::cache::Cache;

/// The output of a future that is ready at once.
#[expect(clippy::panic, reason = "a test fails by panicking")]
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nobody is waited for"),
    }
}

/// The least that one of many misses allocates: now and then one makes a table grow.
fn least(cache: &Cache<String, u64>, key: impl Fn(u64) -> String) -> u64 {
    let counted = (0..1_000).map(|n| {
        let key = key(n);
        let load = || async move { Ok::<_, Infallible>(n) };
        let loaded = || assert_eq!(ready(cache.get_or_load(&key, load)), Ok(n));
        measure(loaded).count_total
    });
    counted.min().unwrap_or(u64::MAX)
}

#[test]
fn a_miss_allocates_its_load_and_its_entry() {
    let cache = Toolkit::builder().build().unwrap();
    let cache = cache.cache("numbers").capacity(64).build().unwrap();
    assert_eq!(least(&cache, |n| format!("user:{n}")), 2);
    // and its key, where the bytes do not fit in place
    let long = |n| format!("{n}-a-key-that-does-not-fit-in-place");
    assert_eq!(least(&cache, long), 3);
}
