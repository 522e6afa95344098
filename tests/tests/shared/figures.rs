//! How long it takes until others know, and how much longer calls take while Redis is away. It is printed
//! by `./tests/figures`.

use std::time::Duration;

use tests::{DEADLINE, figure, timed_async};
use tokio::time::timeout;

use crate::fleet::Fleet;
use crate::outage::Outage;

#[tokio::test]
#[ignore = "a figure"]
async fn until_the_other_has_heard_of_an_invalidation() {
    const ROUNDS: usize = 1_000;
    let fleet = Fleet::of(2);
    let (mut last, mut lags) = (String::new(), Vec::new());
    for round in 0..ROUNDS {
        let (one, other) = (&fleet.demos[round % 2], &fleet.demos[(round + 1) % 2]);
        one.invalidate("7").await;
        // it asks without a pause, which would be a part of what is measured
        let heard = async {
            loop {
                let there = other.user("7").await.computed_at();
                if there > last {
                    return there;
                }
            }
        };
        let (there, lag) = timed_async(timeout(DEADLINE, heard)).await;
        lags.push(lag);
        last = there.unwrap();
    }
    let bound = Duration::from_millis(100);
    figure(
        "from an invalidation on A to a read on B that knows of it",
        bound,
        lags,
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a figure"]
async fn how_much_longer_a_call_takes_while_redis_is_away() {
    let record = Outage::played().await;
    for (phase, times) in record.times() {
        figure(
            &format!("64 clients, {phase}"),
            Duration::from_millis(100),
            times,
        );
    }
}
