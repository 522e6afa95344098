use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::origin::{Site, ok, respond};

#[tokio::test]
async fn fresh_until_its_lifetime_is_over() {
    let site = Site::new(|_| ok("max-age=10", "report"));
    let first = site.get("/").await;
    assert_eq!(first.cache(), "fwd=uri-miss; fwd-status=200; stored");
    assert_eq!(first.field("date"), Some("Thu, 01 Jan 2026 00:00:00 GMT"));
    assert_eq!(first.age(), None);

    site.pass_time(9);
    let second = site.get("/").await;
    assert_eq!(second.cache(), "hit; ttl=1");
    assert_eq!((second.age(), &*second.body), (Some(9), &b"report"[..]));
    assert_eq!(
        second.field("date"),
        first.field("date"),
        "Date is when the origin answered"
    );
    assert_eq!(second.field("content-length"), Some("6"));
    assert_eq!(site.calls(), 1);

    site.pass_time(1);
    let third = site.get("/").await;
    assert_eq!(third.cache(), "fwd=stale; fwd-status=200; stored");
    assert_eq!(site.calls(), 2);
}

#[tokio::test]
async fn age_counts_what_was_received_and_the_time_in_flight() {
    let site = Site::new(|_| respond(200, &[("cache-control", "max-age=100"), ("age", "30")], "x"));
    site.get("/").await;
    site.pass_time(5);
    let hit = site.get("/").await;
    assert_eq!((hit.age(), hit.cache()), (Some(35), "hit; ttl=65"));

    let clock = tower_redis::testing::ManualClock::new();
    let turning = clock.clone();
    let site = Site::later(move |_| {
        turning.advance(Duration::from_secs(7));
        Box::pin(std::future::ready(Ok(ok("max-age=100", "x"))))
    });
    let layer = crate::origin::layer(&clock, true);
    let site = site.with(|_| layer);
    site.get("/").await;
    assert_eq!(site.get("/").await.age(), Some(7));
}

#[tokio::test]
async fn expires_and_date() {
    let site = Site::new(|_| {
        let fields = [
            ("expires", "Thu, 01 Jan 2026 00:00:50 GMT"),
            ("date", "Wed, 31 Dec 2025 23:59:50 GMT"),
        ];
        respond(200, &fields, "x")
    });
    site.get("/").await;
    let hit = site.get("/").await;
    // a lifetime of 60, of which 10 had passed when it was received
    assert_eq!((hit.age(), hit.cache()), (Some(10), "hit; ttl=50"));
    site.pass_time(50);
    assert!(!site.get("/").await.is_hit());
}

#[tokio::test]
async fn a_calendar_that_is_set_neither_revives_nor_wipes() {
    let site = Site::new(|_| ok("max-age=10", "x"));
    site.get("/").await;
    site.clock.set_wall(UNIX_EPOCH);
    assert!(site.get("/").await.is_hit());
    site.clock.set_wall(SystemTime::now_in_a_century());
    assert!(site.get("/").await.is_hit());
    site.pass_time(10);
    site.clock.set_wall(UNIX_EPOCH);
    assert!(!site.get("/").await.is_hit());
    assert_eq!(site.calls(), 2);
}

trait InACentury {
    fn now_in_a_century() -> SystemTime;
}

impl InACentury for SystemTime {
    fn now_in_a_century() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(4_900_000_000)
    }
}

#[tokio::test]
async fn a_response_without_freshness_is_not_reused_and_says_so() {
    let site = Site::new(|_| respond(200, &[("etag", "\"1\"")], "x"));
    for _ in 0..2 {
        let cache = site.get("/").await;
        assert_eq!(
            cache.cache(),
            "fwd=uri-miss; fwd-status=200; detail=\"no-freshness\""
        );
    }
    assert_eq!(site.calls(), 2);

    let site = site.with(|layer| layer.default_ttl(Duration::from_secs(5)));
    site.get("/").await;
    assert_eq!(site.get("/").await.cache(), "hit; ttl=5");
    site.pass_time(5);
    assert_eq!(
        site.get("/").await.cache(),
        "fwd=stale; fwd-status=200; stored"
    );
}

#[tokio::test]
async fn requests_have_a_say() {
    let site = Site::new(|_| ok("max-age=60", "x"));
    site.get("/").await;
    site.pass_time(10);
    for (ask, hit) in [
        ("max-age=10", true),
        ("max-age=9", false),
        ("max-age=60", true),
        ("min-fresh=60", true),
        ("min-fresh=61", false),
        ("no-cache", false),
        ("no-store", true),
        ("max-stale=1", true),
    ] {
        let answer = site.get_with("/", &[("cache-control", ask)]).await;
        assert_eq!(answer.is_hit(), hit, "{ask}: {}", answer.cache());
        if !hit {
            assert_eq!(
                answer.cache(),
                "fwd=request; fwd-status=200; stored",
                "{ask}"
            );
        }
    }
    assert!(!site.get_with("/", &[("pragma", "no-cache")]).await.is_hit());
    let both = [("pragma", "no-cache"), ("cache-control", "x")];
    assert!(site.get_with("/", &both).await.is_hit());
}

#[tokio::test]
async fn only_if_cached_never_goes_forward() {
    let site = Site::new(|_| ok("max-age=60", "x"));
    let only = ("cache-control", "only-if-cached");
    for fields in [
        &[only][..],
        &[only, ("range", "bytes=0-1")],
        &[only, ("if-match", "*")],
    ] {
        let refused = site.get_with("/", fields).await;
        assert_eq!(refused.status, 504);
        assert_eq!(refused.field("cache-status"), None);
    }
    assert_eq!(site.calls(), 0);
    site.get("/").await;
    assert!(site.get_with("/", &[only]).await.is_hit());
}

#[tokio::test]
async fn a_lifetime_is_not_cut_by_the_fraction_of_a_second_that_a_date_lacks() {
    let site = Site::new(|_| ok("max-age=1", "x"));
    site.clock.advance(Duration::from_millis(900));
    site.get("/").await;
    site.clock.advance(Duration::from_millis(999));
    let hit = site.get("/").await;
    assert!(hit.is_hit());
    assert_eq!(hit.age(), Some(0));
    site.clock.advance(Duration::from_millis(1));
    assert!(!site.get("/").await.is_hit());
}
