//! Times as expressions, and those of what is not there.

use std::time::Duration;

use tower_redis::testing::ManualClock;
use tower_redis::{Toolkit, cached};

use super::support::Runs;

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

static LOOKED_UP: Runs = Runs::new();

/// Functions of the value see what is there.
#[cached(
    ttl = |name| name.len() as u64 * 10,
    tags = |name| vec![format!("name:{name}")],
    cache_if = |name| *name != "nobody",
    capacity_bytes(1 << 20, |name| name.len()),
    negative_ttl = "5s",
    near_only
)]
async fn name_of(id: u64) -> Option<&'static str> {
    LOOKED_UP.count();
    match id {
        0 => None,
        1 => Some("nobody"),
        _ => Some("ada"),
    }
}

#[tokio::test]
async fn functions_of_the_value_are_not_asked_about_nothing() {
    let clock = ManualClock::new();
    let toolkit = Toolkit::builder().clock(clock.clock()).build().unwrap();
    toolkit
        .scope(async {
            for id in [0, 0, 1, 1, 2, 2] {
                name_of(id).await;
            }
            assert_eq!(LOOKED_UP.so_far(), 4, "nobody is not kept");
            clock.advance(Duration::from_secs(29));
            assert_eq!(name_of::peek(2).await, Some(Some("ada")));
            assert_eq!(name_of::peek(0).await, None);
            toolkit.invalidate_tags(&["name:ada"]).await;
            assert_eq!(name_of::peek(2).await, None);
            name_of(0).await;
            assert_eq!(name_of::peek(0).await, Some(None), "it has no tag of these");
            assert!(name_of::stats().weight > 0);
        })
        .await;
}
