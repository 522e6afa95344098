//! When Redis is away.

use std::time::Duration;

use tower_redis::Toolkit;
use tower_redis::cache::{Reach, Status};
use tower_redis::config::{Settings, Variables};
use tower_redis::testing::{FarServer, ManualClock, Mishap};

use super::support::{Process, Source, TTL, two};

fn away(process: &Process) {
    process.far.cut_data();
    process.far.cut_feed();
}

fn back(process: &Process) {
    process.far.join_data();
    process.far.join_feed();
}

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn what_was_near_is_served_for_the_grace_and_no_longer() {
    let (clock, _server, a, _b) = two();
    let source = Source::default();
    a.read(1, &source).await;
    away(&a);
    source.says(8);
    assert_eq!(a.read(1, &source).await, (0, Status::Suspect));
    clock.advance(10 * SECOND - Duration::from_millis(1));
    assert_eq!(a.read(1, &source).await, (0, Status::Suspect));
    clock.advance(Duration::from_millis(1));
    assert_eq!(a.read(1, &source).await, (8, Status::Loaded));
    assert_eq!(a.cache.stats().suspect_hits, 2);
}

#[tokio::test]
async fn what_is_loaded_meanwhile_is_kept_for_a_while_and_looked_at_again_afterwards() {
    let (clock, _server, a, b) = two();
    let source = Source::default();
    away(&a);
    assert_eq!(a.read(1, &source).await, (0, Status::Loaded));
    clock.advance(SECOND - Duration::from_millis(1));
    assert_eq!(a.read(1, &source).await, (0, Status::Near));
    // from now on it is asked again whether there is another one
    clock.advance(Duration::from_millis(1));
    assert_eq!(a.read(1, &source).await, (0, Status::Suspect));
    clock.advance(29 * SECOND - Duration::from_millis(1));
    assert_eq!(a.read(1, &source).await, (0, Status::Suspect));
    clock.advance(Duration::from_millis(1));
    source.says(8);
    assert_eq!(a.read(1, &source).await, (8, Status::Loaded));
    // somebody else could change things all the time
    b.far.beat();
    source.says(9);
    assert_eq!(b.read(1, &source).await, (9, Status::Loaded));
    back(&a);
    assert_eq!(a.read(1, &source).await, (9, Status::Far));
}

#[tokio::test]
async fn what_is_loaded_while_there_was_no_answer_is_not_used_without_a_feed_for_longer_than_other_things()
 {
    let (clock, _server, a, b) = two();
    let source = Source::default();
    a.far.cut_feed();
    a.far.next(Mishap::Unanswered);
    assert_eq!(a.read(1, &source).await, (0, Status::Loaded));
    // the data connection works, and whoever invalidates is not heard
    source.says(8);
    b.cache.invalidate(&1).await;
    clock.advance(2 * SECOND);
    assert_eq!(a.read(1, &source).await, (8, Status::Loaded));
}

#[tokio::test]
async fn strict_keeps_and_serves_nothing() {
    let clock = ManualClock::new();
    let server = FarServer::new(&clock);
    let far = server.process();
    let settings = Settings::read(&Variables::from([("CACHE_OUTAGE", "strict")])).unwrap();
    let builder = Toolkit::builder().settings(settings).clock(clock.clock());
    let toolkit = builder.far(&far).build().unwrap();
    let cache = toolkit.cache("numbers").ttl(TTL).build().unwrap();
    let a = Process {
        far,
        toolkit,
        cache,
    };
    let source = Source::default();
    a.read(1, &source).await;
    away(&a);
    for asked in 2..5 {
        assert_eq!(a.read(1, &source).await.1, Status::Loaded);
        assert_eq!(source.asked(), asked);
    }
    back(&a);
    assert_eq!(a.read(1, &source).await.1, Status::Far);
}

#[tokio::test]
async fn a_feed_that_falls_silent_is_not_trusted_after_two_seconds() {
    let (clock, _server, a, b) = two();
    let source = Source::default();
    a.read(1, &source).await;
    b.far.beat();
    a.far.lose_messages(1);
    source.says(8);
    b.cache.invalidate(&1).await;
    clock.advance(2 * SECOND - Duration::from_millis(1));
    assert_eq!(a.read(1, &source).await, (0, Status::Near));
    clock.advance(Duration::from_millis(1));
    assert_eq!(a.read(1, &source).await, (8, Status::Loaded));
}

#[tokio::test]
async fn an_entry_that_is_still_right_after_an_outage_is_not_loaded_again() {
    let (clock, _server, a, _b) = two();
    let source = Source::default();
    a.read(1, &source).await;
    away(&a);
    clock.advance(20 * SECOND);
    back(&a);
    assert_eq!(a.read(1, &source).await.1, Status::Far);
    assert_eq!(a.read(1, &source).await.1, Status::Near);
    assert_eq!(source.asked(), 1);
}

#[tokio::test]
async fn an_invalidation_during_an_outage_is_seen_here_at_once() {
    let (_clock, _server, a, _b) = two();
    let source = Source::default();
    a.read_tagged(1, &["t"], &source).await;
    away(&a);
    for how in ["key", "prefix", "clear", "tags"] {
        source.says(source.ask() + 1);
        let reach = match how {
            "key" => a.cache.invalidate(&1).await.reach,
            "prefix" => a.cache.invalidate_prefix("1").await.unwrap().reach,
            "clear" => a.cache.clear().await.reach,
            _ => a.toolkit.invalidate_tags(&["t"]).await.reach,
        };
        assert_eq!(reach, Reach::Pending, "{how}");
        let now = source.ask();
        assert_eq!(
            a.read_tagged(1, &["t"], &source).await,
            (now, Status::Loaded),
            "{how}"
        );
    }
}

/// What a process knows of tokens is worth as much as its feed.
#[tokio::test]
async fn a_tag_that_was_invalidated_unheard_is_not_served_from_far_either() {
    let (clock, _server, a, b) = two();
    let source = Source::default();
    a.read_tagged(1, &["t"], &source).await;
    a.far.hold_messages();
    source.says(8);
    b.toolkit.invalidate_tags(&["t"]).await;
    clock.advance(2 * SECOND);
    b.far.beat();
    assert_eq!(a.read_tagged(1, &["t"], &source).await, (8, Status::Loaded));
}
