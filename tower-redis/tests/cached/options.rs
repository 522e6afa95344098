//! The options beside the key.

use std::time::Duration;

use tower_redis::testing::ManualClock;
use tower_redis::{Toolkit, cached};

use super::support::Runs;

const ENTRIES: usize = 2;

#[cached(capacity = ENTRIES, ttl = "1h30m", name = "bounded")]
fn bounded(id: u64) -> u64 {
    id
}

#[test]
fn capacity_bounds_what_is_kept() {
    for id in 0..100 {
        assert_eq!(bounded(id), id);
    }
    let kept = (0..100).filter(|id| bounded::peek(*id).is_some()).count();
    assert!((1..=ENTRIES).contains(&kept), "{kept} entries are kept");
}

static BRIEF: Runs = Runs::new();

fn lifetime(premium: bool) -> Duration {
    if premium {
        Duration::from_secs(60)
    } else {
        Duration::ZERO
    }
}

#[cached(ttl = lifetime(premium), skip(premium))]
fn brief(id: u64, premium: bool) -> u64 {
    BRIEF.count();
    id
}

#[test]
fn a_ttl_may_depend_on_the_arguments() {
    for _ in 0..2 {
        assert_eq!(brief(1, false), 1);
    }
    assert_eq!(BRIEF.so_far(), 2, "nothing is kept for no time");
    for _ in 0..2 {
        assert_eq!(brief(1, true), 1);
    }
    assert_eq!(BRIEF.so_far(), 3);
    brief::put(2, true, 20);
    assert_eq!(brief(2, true), 20);
}

const SECONDS: u64 = 30;

#[cached(ttl = 60 * 60)]
async fn for_an_hour(id: u64) -> u64 {
    id
}

#[cached(ttl = SECONDS, stale_if_error = SECONDS * 2)]
async fn for_seconds(id: u64) -> Result<u64, ()> {
    Ok(id)
}

#[tokio::test]
async fn a_time_may_be_an_expression_of_seconds() {
    let clock = ManualClock::new();
    let toolkit = Toolkit::builder().clock(clock.clock()).build().unwrap();
    toolkit
        .scope(async {
            for_an_hour(1).await;
            for_seconds(1).await.unwrap();
            clock.advance(Duration::from_secs(29));
            assert_eq!(for_seconds::peek(1).await, Some(Ok(1)));
            clock.advance(Duration::from_secs(2));
            assert_eq!(for_seconds::peek(1).await, None);
            clock.advance(Duration::from_secs(3_500));
            assert_eq!(for_an_hour::peek(1).await, Some(1));
            clock.advance(Duration::from_secs(100));
            assert_eq!(for_an_hour::peek(1).await, None);
        })
        .await;
}

static SEARCHED: Runs = Runs::new();

#[cached(ttl = 60, negative_ttl = "5s")]
async fn search(name: &str) -> Result<Option<u64>, std::io::Error> {
    SEARCHED.count();
    Ok((name == "a").then_some(1))
}

#[tokio::test]
async fn that_there_is_nothing_is_kept_of_a_result_too() {
    let clock = ManualClock::new();
    let toolkit = Toolkit::builder().clock(clock.clock()).build().unwrap();
    toolkit
        .scope(async {
            for _ in 0..2 {
                assert_eq!(search("a").await.unwrap(), Some(1));
                assert_eq!(search("b").await.unwrap(), None);
            }
            assert_eq!(SEARCHED.so_far(), 2);
            clock.advance(Duration::from_secs(6));
            search("a").await.unwrap();
            search("b").await.unwrap();
            assert_eq!(SEARCHED.so_far(), 3);
        })
        .await;
}
