//! Which caches a function uses, and what its options mean there.

use std::time::Duration;

use tower_redis::cache::Status;
use tower_redis::config::Settings;
use tower_redis::testing::ManualClock;
use tower_redis::{Toolkit, cached};

use super::support::Runs;

fn turned_by_hand() -> (ManualClock, Toolkit) {
    let clock = ManualClock::new();
    let toolkit = Toolkit::builder().clock(clock.clock()).build().unwrap();
    (clock, toolkit)
}

static SECONDS: Runs = Runs::new();

#[cached(ttl = 60)]
async fn for_a_minute(id: u64) -> u64 {
    SECONDS.count();
    id
}

#[cached(ttl = "1h30m")]
fn for_ninety_minutes(id: u64) -> u64 {
    id
}

#[cached]
fn by_default(id: u64) -> u64 {
    id
}

#[tokio::test]
async fn a_value_lives_as_long_as_its_ttl_says() {
    let (clock, toolkit) = turned_by_hand();
    let calls = async {
        for_a_minute(1).await;
        for_ninety_minutes(1);
        by_default(1);
        clock.advance(Duration::from_secs(59));
        for_a_minute(1).await;
        assert_eq!(SECONDS.so_far(), 1);
        clock.advance(Duration::from_secs(2));
        assert_eq!(for_a_minute::peek(1).await, None);
        for_a_minute(1).await;
        assert_eq!(SECONDS.so_far(), 2);

        clock.advance(Duration::from_secs(3_500));
        assert_eq!(by_default::peek(1), Some(1));
        clock.advance(Duration::from_secs(60));
        assert_eq!(by_default::peek(1), None, "the default is an hour");
        assert_eq!(for_ninety_minutes::peek(1), Some(1));
        clock.advance(Duration::from_secs(1_800));
        assert_eq!(for_ninety_minutes::peek(1), None);
    };
    toolkit.scope(calls).await;
}

#[cached(tags("users", "org:{org}"))]
async fn member(org: &str, id: u64) -> String {
    format!("{org}/{id}")
}

#[tokio::test]
async fn tags_reach_the_entries_that_carry_them() {
    let toolkit = Toolkit::in_memory();
    let calls = async {
        for org in ["a", "b"] {
            member(org, 1).await;
        }
        toolkit.invalidate_tags(&["org:a"]).await;
        assert_eq!(member::peek("a", 1).await, None);
        assert_eq!(member::peek("b", 1).await.as_deref(), Some("b/1"));
        member::put("a", 1, "put".to_owned()).await;
        member::refresh("b", 1).await;
        toolkit.invalidate_tags(&["users"]).await;
        assert_eq!(member::peek("a", 1).await, None);
        assert_eq!(member::peek("b", 1).await, None);
    };
    toolkit.scope(calls).await;
}

static SCOPED: Runs = Runs::new();

#[cached]
async fn scoped() -> usize {
    tokio::task::yield_now().await;
    SCOPED.count()
}

#[tokio::test]
async fn a_scope_has_caches_of_its_own() {
    let (one, two) = (Toolkit::in_memory(), Toolkit::in_memory());
    assert_eq!(one.scope(scoped()).await, 1);
    assert_eq!(two.scope(scoped()).await, 2);
    assert_eq!(one.scope(scoped()).await, 1);
    assert_eq!(two.scope(scoped()).await, 2);
}

#[tokio::test]
async fn switched_off_every_call_runs() {
    static RUNS: Runs = Runs::new();

    #[cached]
    async fn always(id: u64) -> u64 {
        RUNS.count();
        id
    }

    let mut settings = Settings::default();
    settings.cache.enabled = false;
    let toolkit = Toolkit::builder().settings(settings).build().unwrap();
    let calls = async {
        assert_eq!(always::lookup(1).await.status, Status::Bypass);
        assert_eq!(always(1).await, 1);
        always::put(1, 5).await;
        assert_eq!(always::peek(1).await, None);
        assert_eq!(always::refresh(1).await, 1);
        assert_eq!(RUNS.so_far(), 3);
    };
    toolkit.scope(calls).await;
}

#[tokio::test]
async fn a_default_of_no_time_is_no_reason_to_panic() {
    let mut settings = Settings::default();
    settings.cache.default_ttl = Duration::ZERO;
    let toolkit = Toolkit::builder().settings(settings).build().unwrap();
    assert_eq!(toolkit.scope(async { by_default(1) }).await, 1);
}

#[cached(name = "named")]
async fn named(id: u64) -> u64 {
    id
}

struct Shop;

impl Shop {
    #[cached(skip(self))]
    fn open(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn caches_are_called_after_their_functions() {
    let toolkit = Toolkit::in_memory();
    let calls = async {
        named(1).await;
        member("a", 1).await;
        Shop.open();
    };
    toolkit.scope(calls).await;
    let stats = toolkit.stats();
    let mut names: Vec<_> = stats
        .caches
        .iter()
        .map(|cache| cache.name.as_str())
        .collect();
    names.sort_unstable();
    let expected = [
        "cached::toolkit::Shop::open",
        "cached::toolkit::member",
        "named",
    ];
    assert_eq!(names, expected);
}
