//! Everything a cache can be told, told by an attribute.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tower_redis::cache::{Status, TimedOut};
use tower_redis::testing::ManualClock;
use tower_redis::{Toolkit, cached};

const HOUR: Duration = Duration::from_secs(3_600);

/// Within a toolkit of its own, on a clock that is turned.
async fn apart<F: Future>(test: impl FnOnce(ManualClock) -> F) -> F::Output {
    let clock = ManualClock::new();
    let toolkit = Toolkit::builder().clock(clock.clock()).build().unwrap();
    toolkit.scope(test(clock)).await
}

async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

static RUNS: [AtomicU64; 8] = [const { AtomicU64::new(0) }; 8];

fn run(which: usize) -> u64 {
    RUNS[which].fetch_add(1, Ordering::SeqCst) + 1
}

#[cached(
    ttl = 10,
    stale_while_revalidate = "30s",
    stale_if_error = "1h",
    throttle = "1s",
    soft_timeout = "100ms",
    near_ttl = HOUR,
    time_to_idle = "2h"
)]
async fn rate(fails: u64) -> Result<u64, &'static str> {
    let run = run(0);
    if run > fails { Err("away") } else { Ok(run) }
}

#[tokio::test]
async fn what_is_stale_answers_as_the_attribute_says() {
    apart(|clock| async move {
        assert_eq!(rate(2).await, Ok(1));
        clock.advance(Duration::from_secs(10));
        let found = rate::lookup(2).await;
        assert_eq!((found.value, found.status), (Ok(1), Status::Stale));
        settle().await;
        assert_eq!(rate(2).await, Ok(2));
        rate::expire(2).await;
        let found = rate::lookup(2).await;
        assert_eq!((found.value, found.status), (Ok(2), Status::Stale));
        settle().await;
        assert_eq!(rate::stats().failed_loads, 1);
        clock.advance(Duration::from_secs(40));
        let found = rate::lookup(2).await;
        assert_eq!((found.value, found.status), (Ok(2), Status::Stale));
        rate::invalidate(2).await;
        assert_eq!(rate(2).await, Err("away"));
    })
    .await;
}

#[cached(ttl = "100s", refresh_after = 0.5, jitter = 0.0)]
async fn early() -> u64 {
    run(1)
}

#[tokio::test]
async fn what_is_nearly_over_is_loaded_anew() {
    apart(|clock| async move {
        assert_eq!(early().await, 1);
        clock.advance(Duration::from_secs(50));
        assert_eq!(early().await, 1);
        settle().await;
        assert_eq!(early().await, 2);
    })
    .await;
}

const BETA: f64 = 0.5;

#[cached(refresh_by_chance = BETA, fleet_flight, jitter = 1)]
async fn by_chance() -> u64 {
    run(2)
}

#[tokio::test]
async fn numbers_may_be_constants_and_whole() {
    apart(|_| async {
        assert_eq!(by_chance().await, 1);
        assert_eq!(by_chance().await, 1);
    })
    .await;
}

#[cached(ttl = 60, negative_ttl = "1s")]
async fn absent(there: bool) -> Option<u64> {
    let run = run(3);
    there.then_some(run)
}

#[tokio::test]
async fn that_there_is_nothing_is_remembered_for_a_time_of_its_own() {
    apart(|clock| async move {
        assert_eq!(absent(false).await, None);
        assert_eq!(absent(false).await, None);
        assert_eq!(RUNS[3].load(Ordering::SeqCst), 1);
        clock.advance(Duration::from_secs(1));
        assert_eq!(absent(false).await, None);
        assert_eq!(RUNS[3].load(Ordering::SeqCst), 2);
        assert_eq!(absent(true).await, Some(3));
        clock.advance(Duration::from_secs(59));
        assert_eq!(absent(true).await, Some(3));
    })
    .await;
}

#[cached(
    ttl = |seconds| Duration::from_secs(*seconds),
    tags = |seconds| vec![format!("seconds:{seconds}")],
    cache_if = |seconds: &u64| *seconds != 13
)]
fn lives(seconds: u64) -> u64 {
    run(4);
    seconds
}

#[tokio::test]
async fn a_value_says_how_long_it_lives_which_tags_it_has_and_whether_it_is_kept() {
    apart(|clock| async move {
        let runs = || RUNS[4].load(Ordering::SeqCst);
        lives(5);
        clock.advance(Duration::from_secs(4));
        lives(5);
        assert_eq!(runs(), 1);
        clock.advance(Duration::from_secs(1));
        lives(5);
        assert_eq!(runs(), 2);
        Toolkit::current().invalidate_tags(&["seconds:5"]).await;
        lives(5);
        assert_eq!(runs(), 3);
        lives(13);
        lives(13);
        assert_eq!(runs(), 5);
    })
    .await;
}

#[derive(Debug, Clone, PartialEq)]
struct Failed(String);

impl From<TimedOut> for Failed {
    fn from(late: TimedOut) -> Self {
        Self(late.to_string())
    }
}

#[cached(timeout = "50ms", near_only)]
async fn slow(key: &str) -> Result<String, Failed> {
    std::future::pending::<()>().await;
    Ok(key.to_owned())
}

struct Service;

impl Service {
    #[cached(timeout = "50ms", skip(self), near_only)]
    pub(crate) async fn slow(&self, key: &str) -> Result<String, Failed> {
        std::future::pending::<()>().await;
        Ok(key.to_owned())
    }
}

#[tokio::test(start_paused = true)]
async fn the_body_has_the_time_it_is_given_and_no_more() {
    apart(|_| async {
        let late = Failed("the load took longer than 50ms".to_owned());
        assert_eq!(slow("a").await, Err(late.clone()));
        assert_eq!(Service.slow("a").await, Err(late));
    })
    .await;
}
