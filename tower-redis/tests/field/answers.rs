//! Answers that are none.

use std::time::Duration;

use tower_redis::cache::{Cache, Status};
use tower_redis::cached;

use super::support::{Runs, turned_by_hand};

type R1<T> = Result<T, String>;

static BEHIND: Runs = Runs::new();

#[cached(ttl = 60)]
fn behind_an_alias(id: u64) -> R1<u64> {
    match BEHIND.count() {
        1 => Err("boom".to_owned()),
        _ => Ok(id),
    }
}

/// Elsewhere: `Err("boom")` twice.
#[test]
fn x8_an_error_behind_an_alias_is_not_kept() {
    assert_eq!(behind_an_alias(1), Err("boom".to_owned()));
    assert_eq!(behind_an_alias(1), Ok(1));
    assert_eq!(behind_an_alias(1), Ok(1));
    assert_eq!(BEHIND.begun(), 2);
}

static WORKED_ONCE: Runs = Runs::new();

#[cached(ttl = 1)]
async fn worked_once() -> Result<u64, String> {
    match WORKED_ONCE.count() {
        1 => Ok(1),
        _ => Err("down".to_owned()),
    }
}

/// Elsewhere: the old answer for ever, and never an error.
#[tokio::test]
async fn x15_a_function_that_goes_on_failing_says_so() {
    let (clock, toolkit) = turned_by_hand();
    let calls = async {
        assert_eq!(worked_once().await, Ok(1));
        for failure in 2..5 {
            clock.advance(Duration::from_millis(1_100));
            assert_eq!(worked_once().await, Err("down".to_owned()));
            assert_eq!(WORKED_ONCE.begun(), failure);
        }
    };
    toolkit.scope(calls).await;
}

/// And where an old answer is wanted, it is that up to a bound, which failures do not move, and says so.
#[tokio::test]
async fn x15_an_old_answer_is_served_until_its_bound_and_says_so() {
    const HOUR: Duration = Duration::from_secs(3_600);
    const MINUTE: Duration = Duration::from_secs(60);
    static LOADS: Runs = Runs::new();

    let (clock, toolkit) = turned_by_hand();
    let cache = toolkit.cache("n").ttl(MINUTE).stale_if_error(HOUR);
    let cache: Cache<u64, u64> = cache.build().unwrap();
    let read = async || {
        let load = || async {
            match LOADS.count() {
                1 => Ok(1),
                _ => Err("down"),
            }
        };
        let found = cache.entry(&1).get_or_load(load).await;
        (found.value.map_err(|error| *error), found.status)
    };
    assert_eq!(read().await, (Ok(1), Status::Loaded));
    clock.advance(MINUTE);
    for failures in 1..=60 {
        assert_eq!(read().await, (Ok(1), Status::Stale));
        assert_eq!(LOADS.begun(), 1 + failures, "it is tried each time");
        clock.advance(MINUTE);
    }
    assert_eq!(read().await, (Err("down"), Status::Loaded));
    assert_eq!(LOADS.begun(), 62);
}
