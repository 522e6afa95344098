//! Answers that are none.

use std::time::Duration;

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
