//! Functions that are not async.

use std::sync::Barrier;
use std::thread;

use tower_redis::cached;

use super::support::Runs;

static RUNS: Runs = Runs::new();
static TOGETHER: Barrier = Barrier::new(8);

#[cached(ttl = 60)]
fn slow(id: u64) -> Result<u64, String> {
    RUNS.count();
    // the others have time to come and find it under way
    for _ in 0..1_000 {
        thread::yield_now();
    }
    Ok(id + 1)
}

#[test]
fn threads_share_one_load() {
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                TOGETHER.wait();
                assert_eq!(slow(1), Ok(2));
            });
        }
    });
    assert_eq!(RUNS.so_far(), 1);
}

#[test]
fn companions_are_not_async_either() {
    assert_eq!(slow::peek(50), None);
    slow::put(50, Ok(7));
    assert_eq!(slow(50), Ok(7));
    assert_eq!(slow::lookup(50).value, Ok(7));
    assert_eq!(slow::invalidate(50).dropped, 1);
    assert_eq!(slow::peek(50), None);
}

#[cached]
fn fib(n: u64) -> u64 {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}

#[test]
fn a_function_that_calls_itself_ends() {
    assert_eq!(fib(60), 1_548_008_755_920);
}

static DEPTH: Runs = Runs::new();

#[cached]
fn needs_itself(id: u64) -> usize {
    match DEPTH.count() {
        1 => needs_itself(id),
        depth => depth,
    }
}

#[test]
fn a_call_that_needs_its_own_answer_does_not_wait_for_itself() {
    assert_eq!(needs_itself(1), 2);
}
