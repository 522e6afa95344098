//! What `#[invalidates]` adds to a function in memory allocates nothing.
#![cfg(feature = "macros")]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use tower_redis::{cached, invalidates};

#[expect(dead_code, reason = "it is only invalidated")]
#[cached(ttl = 60)]
fn by_number(id: u64) -> u64 {
    id
}

#[expect(dead_code, reason = "it is only invalidated")]
#[cached(key = "name:{name}:{id}")]
fn by_name(name: String, id: u64) -> usize {
    name.len() + id as usize
}

#[invalidates(by_number(id), by_name(name, 1), clear(by_number))]
fn write(id: u64, name: &String) -> Result<u64, usize> {
    if id == 0 { Err(name.len()) } else { Ok(id) }
}

#[invalidates(by_number(id), by_name(name, 1), before, after)]
async fn write_later(id: u64, name: &String) -> Option<usize> {
    Some(id as usize + name.len())
}

fn ready<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

#[test]
fn a_writer_in_memory_allocates_nothing() {
    let name = "Ada".to_owned();
    let calls = || {
        write(1, &name).unwrap();
        write(0, &name).unwrap_err();
        ready(write_later(1, &name)).unwrap().unwrap();
    };
    // the first makes the caches, the second may set up what belongs to the thread
    calls();
    calls();
    let counted = measure(calls);
    assert_eq!(counted.count_total, 0, "{counted:?}");
}
