//! Lives without end.

use std::convert::Infallible;
use std::time::Duration;

use tests::RedisServer;
use tower_redis::cache::Status;
use tower_redis::testing::ManualClock;
use tower_redis::{Toolkit, cached};

use super::support::{process, turned_by_hand};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[cached(ttl = "1000000d")]
async fn for_three_thousand_years(id: u64) -> u64 {
    id
}

#[cached(ttl = Duration::MAX)]
async fn for_ever(id: u64) -> u64 {
    id
}

/// What is kept after ten years of what was to be kept for a thousand and more.
async fn lasts(clock: &ManualClock, toolkit: &Toolkit) {
    let calls = async {
        for_three_thousand_years(1).await;
        for_ever(1).await;
        let cache = toolkit.cache::<u64, u64>("ages").ttl(Duration::MAX);
        let cache = cache.build().unwrap();
        let load = || async { Ok::<_, Infallible>(7) };
        assert_eq!(cache.get_or_load(&1, load).await, Ok(7));
        cache.put(&2, 8, Duration::MAX).await;
        cache.put(&3, 9, 2_000 * 365 * DAY).await;
        clock.advance(3_650 * DAY);
        assert_eq!(for_three_thousand_years::peek(1).await, Some(1));
        assert_eq!(for_ever::peek(1).await, Some(1));
        for (key, value) in [(1, 7), (2, 8), (3, 9)] {
            assert_eq!(cache.get(&key).await, Some(value));
        }
    };
    toolkit.scope(calls).await;
}

/// Elsewhere: a panic.
#[tokio::test]
async fn x16_a_life_of_a_thousand_years_and_more_is_a_long_life() {
    let (clock, toolkit) = turned_by_hand();
    lasts(&clock, &toolkit).await;
}

/// And Redis, which knows lives of 64 bits only, takes it.
#[tokio::test]
async fn x16_in_redis_too() {
    let server = RedisServer::start();
    let clock = ManualClock::new();
    let processes = [(); 2].map(|()| process(&server.url(), &clock));
    processes[0].scope(for_ever(1)).await;
    processes[0].scope(for_three_thousand_years(1)).await;
    for found in [
        processes[1].scope(for_ever::lookup(1)).await,
        processes[1]
            .scope(for_three_thousand_years::lookup(1))
            .await,
    ] {
        assert_eq!((found.value, found.status), (1, Status::Far));
    }
    for key in server.cli(&["KEYS", "tr:c:*"]).texts() {
        let left = server.cli(&["PTTL", &key]).int();
        assert!(
            left == -1 || left > 300 * 24 * 60 * 60 * 1_000,
            "{key}: {left}"
        );
    }
}
