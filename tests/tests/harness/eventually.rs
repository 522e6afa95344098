use std::sync::atomic::{AtomicUsize, Ordering};

use tests::{eventually, eventually_async};

#[test]
fn it_looks_until_there_is_something() {
    let mut looks = 0;
    let found = eventually("three looks", || {
        looks += 1;
        (looks == 3).then_some("found")
    });
    assert_eq!((found, looks), ("found", 3));
}

#[tokio::test(start_paused = true)]
async fn a_paused_clock_does_not_end_the_wait() {
    // far more pauses than the deadline has, if they were of real time
    let looks = AtomicUsize::new(0);
    let look = || async { looks.fetch_add(1, Ordering::Relaxed) == 10_000 };
    eventually_async("ten thousand looks", look).await;
}
