//! A hit of a cached function allocates nothing.
#![cfg(feature = "macros")]
#![expect(clippy::panic, reason = "a test fails by panicking")]

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use tower_redis::cached;

#[cached(ttl = 60)]
async fn by_number(id: u64) -> u64 {
    id
}

#[cached(ttl = 60)]
async fn by_text(symbol: &str, parts: &[u32], of: Option<&str>) -> Result<Arc<str>, String> {
    Ok(format!("{symbol}{parts:?}{of:?}").into())
}

#[cached(ttl = 60)]
async fn by_owned(_symbol: String) -> u64 {
    1
}

#[cached(key = "user:{id}:{name}", tags("users", "user:{id}"))]
async fn by_template(id: u64, name: &str) -> usize {
    name.len() + id as usize
}

#[cached(ttl = 60)]
fn blocking(symbol: &str) -> usize {
    symbol.len()
}

struct Shop {
    id: u64,
}

impl Shop {
    #[cached(key = "{self.id}")]
    async fn price(&self) -> u64 {
        self.id
    }
}

/// The output of a future that is ready at once.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a hit does not wait"),
    }
}

#[track_caller]
fn allocates_nothing<T>(mut call: impl FnMut() -> T) {
    // the first call loads, the second may set up what belongs to the thread
    call();
    call();
    let mut kept = None;
    let counted = measure(|| kept = Some(call()));
    drop(kept);
    assert_eq!(counted.count_total, 0, "{counted:?}");
}

#[test]
fn the_counter_counts() {
    let counted = measure(|| drop(std::hint::black_box(vec![1_u8])));
    assert_eq!(counted.count_total, 1);
}

#[test]
fn hits_allocate_nothing() {
    allocates_nothing(|| ready(by_number(1)));
    allocates_nothing(|| ready(by_text("ACME", &[1, 2], Some("x"))));
    allocates_nothing(|| ready(by_template(7, "ada")));
    allocates_nothing(|| ready(by_template::peek(7, "ada")));
    allocates_nothing(|| blocking("ACME"));
    let shop = Shop { id: 1 };
    allocates_nothing(|| ready(shop.price()));
}

#[test]
fn an_owned_argument_is_not_cloned() {
    ready(by_owned("ACME".to_owned()));
    let mut argument = Some("ACME".to_owned());
    let counted = measure(|| {
        ready(by_owned(argument.take().unwrap()));
    });
    assert_eq!(counted.count_total, 0, "{counted:?}");
}
